import { Command } from "commander";
import { CommandError } from "../commandError.js";
import { confirmed, requireAnswer } from "../confirm.js";
import { interruptible, NOTHING_CHANGED, SUMMARY_MISSING } from "../pulumi/interrupts.js";
import { operate } from "../pulumi/operation.js";
import { preview } from "../pulumi/plan.js";
import { targetOf, type TargetOptions } from "../pulumi/target.js";
import { exportState } from "../state/export.js";
import { tablesIn } from "../state/sets.js";
import { conclude } from "./conclude.js";
import { environmentOf, withChoice, withTarget, type ChoiceOptions } from "./options.js";
import { showPlan } from "./showPlan.js";

/** A plan warns of certificates that end within 90 days. */
const NEAR_MS = 90 * 24 * 3_600_000;

interface Options extends TargetOptions, ChoiceOptions {
  readonly yes?: true;
}

/** `nrfcloud-fleet apply`: shows the plan, asks, and makes the account match the program. */
export function applyCommand(): Command {
  return withChoice(withTarget(new Command("apply")))
    .description("Show the plan, ask, and make the account match the program.")
    .option("-y, --yes", "do not ask")
    .action(apply);
}

async function apply(options: Options): Promise<void> {
  requireAnswer(options.yes === true);
  const target = targetOf(options);
  const env = environmentOf(options);
  const plan = await preview(target, { env, horizon: { now: new Date(), withinMs: NEAR_MS } });
  showPlan(plan);
  if (!plan.outcome.ok) throw new CommandError("The plan failed. Nothing was changed.");
  const hasWaiting = plan.rows.waiting.length > 0;
  if (plan.changes === 0 && !hasWaiting) return;
  const question = plan.changes > 0 ? "Make these changes?" : "Claim the devices that have connected?";
  if (!(await confirmed(question, options.yes === true))) throw new CommandError("Nothing was changed.");

  const tables = async () => tablesIn(await exportState(target));
  const before = await interruptible(NOTHING_CHANGED, tables);
  const outcome = await operate(target, {
    args: ["up", "--yes", "--skip-preview"],
    env,
    what: "Applying",
    atStake: "state",
  });
  const after = await interruptible(SUMMARY_MISSING, tables);
  conclude("apply", outcome, { steps: plan.steps, before, after, now: new Date(), printed: plan.notices });
}
