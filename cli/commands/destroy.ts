import { Command } from "commander";
import { CommandError } from "../commandError.js";
import { confirmed } from "../confirm.js";
import { backendOf } from "../pulumi/backend.js";
import { liftSeals, requireAllowed } from "../pulumi/guard.js";
import { operate } from "../pulumi/operation.js";
import { engineSettings, type EngineSettings } from "../pulumi/settings.js";
import { targetOf, type Target, type TargetOptions } from "../pulumi/target.js";
import { describeLosses } from "../state/describeLosses.js";
import { exportState, type StateResource } from "../state/export.js";
import { lossesOf } from "../state/losses.js";
import { say, tell } from "../terminal.js";
import { conclude } from "./conclude.js";
import { readCount, withTarget } from "./options.js";

interface Options extends TargetOptions {
  readonly allowDeletes?: number;
  readonly yes?: true;
}

/** `nrfcloud-fleet destroy`: says what is lost, asks, and destroys all that a stack manages. */
export function destroyCommand(): Command {
  return withTarget(new Command("destroy"))
    .description("Destroy all that the stack manages, after saying what is lost.")
    .option(
      "--allow-deletes <count>",
      "let so many devices leave the account, whatever maxDeletes says",
      readCount,
    )
    .option("-y, --yes", "do not ask")
    .action(destroy);
}

async function destroy(options: Options): Promise<void> {
  const target = targetOf(options);
  const state = await exportState(target);
  const losses = lossesOf(state);
  if (state.length === 0) {
    say("There is nothing to destroy: the stack is empty.");
    return;
  }
  requireAllowed(losses, options.allowDeletes);
  say(describeLosses(losses));
  const settings = engineSettings({ kind: "destroy" }, await backendOf(target), process.env);
  for (const reason of settings.reasons) tell(`Setting: ${reason}`);
  if (!(await confirmed("Destroy all of this?", options.yes === true)))
    throw new CommandError("Nothing was destroyed.");

  try {
    await liftSeals(target, losses.seals);
    await carryOut(target, state, settings);
  } catch (error) {
    if (losses.seals.length > 0) tell(LIFTED);
    throw error;
  }
}

const LIFTED =
  "The limit of the fleet file (maxDeletes) is lifted from what is left; the next `nrfcloud-fleet apply` or `pulumi up` sets it again.";

async function carryOut(
  target: Target,
  state: readonly StateResource[],
  settings: EngineSettings,
): Promise<void> {
  const resources = state.filter(({ custom }) => custom);
  const outcome = await operate(target, {
    args: ["destroy", "--yes", "--skip-preview"],
    settings,
    what: "Destroying",
    atStake: "state",
    total: resources.length,
  });
  const planned = new Map(resources.map(({ urn, subject }) => [urn, subject]));
  conclude("destroy", outcome, planned);
}
