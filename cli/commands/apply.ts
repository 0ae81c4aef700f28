import { Command } from "commander";
import { CommandError } from "../commandError.js";
import { confirmed, requireAnswer } from "../confirm.js";
import { backendOf } from "../pulumi/backend.js";
import { allowing } from "../pulumi/guard.js";
import { operate } from "../pulumi/operation.js";
import { preview } from "../pulumi/plan.js";
import { engineSettings } from "../pulumi/settings.js";
import { isWork } from "../pulumi/steps.js";
import { targetOf, type TargetOptions } from "../pulumi/target.js";
import { tell } from "../terminal.js";
import { conclude } from "./conclude.js";
import { readCount, withTarget } from "./options.js";
import { showPlan } from "./showPlan.js";

/** What ends within 90 days is told. */
const NEAR_MS = 90 * 24 * 3_600_000;

interface Options extends TargetOptions {
  readonly allowDeletes?: number;
  readonly yes?: true;
}

/** `nrfcloud-fleet apply`: shows the plan, asks, and makes the account match the program. */
export function applyCommand(): Command {
  return withTarget(new Command("apply"))
    .description("Show the plan, ask, and make the account match the program.")
    .option(
      "--allow-deletes <count>",
      "let so many devices leave the account, whatever maxDeletes says",
      readCount,
    )
    .option("-y, --yes", "do not ask")
    .action(apply);
}

async function apply(options: Options): Promise<void> {
  requireAnswer(options.yes === true);
  const target = targetOf(options);
  const env = allowing(options.allowDeletes);
  const plan = await preview(target, { env, horizon: { now: new Date(), withinMs: NEAR_MS } });
  showPlan(plan);
  if (!plan.outcome.ok) throw new CommandError("The plan failed. Nothing was changed.");
  if (plan.changes === 0) return;

  const settings = engineSettings(
    { kind: "change", changes: plan.steps, creates: plan.creates },
    await backendOf(target),
    process.env,
  );
  for (const reason of settings.reasons) tell(`Setting: ${reason}`);
  if (!(await confirmed("Make these changes?", options.yes === true)))
    throw new CommandError("Nothing was changed.");

  const outcome = await operate(target, {
    args: ["up", "--yes", "--skip-preview"],
    settings,
    env,
    what: "Applying",
    atStake: "state",
    total: plan.steps,
  });
  const planned = new Map(plan.outcome.begun.filter(isWork).map((step) => [step.urn, step.subject]));
  conclude("apply", outcome, planned, plan.report.notices);
}
