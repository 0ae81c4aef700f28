import { Command } from "commander";
import { CommandError } from "../commandError.js";
import { confirmed } from "../confirm.js";
import { readIdPatterns } from "../fleet/idPatterns.js";
import { allowing, liftProtection, requireAllowed } from "../pulumi/guard.js";
import { interruptible, NOTHING_CHANGED, SUMMARY_MISSING } from "../pulumi/interrupts.js";
import { operate } from "../pulumi/operation.js";
import { targetOf, type Target, type TargetOptions } from "../pulumi/target.js";
import { describeLosses } from "../state/describeLosses.js";
import { exportState, type StateResource } from "../state/export.js";
import {
  describeForgotten,
  forget,
  FORGOTTEN_OR_NOT,
  planForgetting,
  type Forgetting,
  type KeyOptions,
} from "../state/forget.js";
import { lossesOf } from "../state/losses.js";
import { tablesIn } from "../state/sets.js";
import { StackState } from "../state/stackState.js";
import { printText, printNote } from "../terminal.js";
import { conclude } from "./conclude.js";
import { withAllowedDeletes, withKeys, withTarget } from "./options.js";

interface Options extends TargetOptions, KeyOptions {
  readonly allowDeletes?: number;
  readonly keep?: readonly string[];
  readonly yes?: true;
}

/** `nrfcloud-fleet destroy`: shows what will be lost, asks, and destroys everything that a stack manages. */
export function destroyCommand(): Command {
  return withKeys(withAllowedDeletes(withTarget(new Command("destroy"))))
    .description("Show what will be lost, ask, and destroy everything that the stack manages.")
    .option("--keep <ids...>", "keep these devices in the account, such as lab-{000..099} or lab-*")
    .option("-y, --yes", "do not ask")
    .action(destroy);
}

async function destroy(options: Options): Promise<void> {
  const target = targetOf(options);
  const { keeping, state } = await interruptible(NOTHING_CHANGED, () => readState(target, options));
  const losses = lossesOf(state, new Date());
  if (state.length === 0) {
    printText("The stack is empty: it has nothing to destroy.");
    return;
  }
  requireAllowed(losses, options.allowDeletes);
  if (keeping !== undefined) printText(`${describeForgotten(keeping)}\n`);
  printText(describeLosses(losses));
  if (!(await confirmed("Destroy all of this?", options.yes === true)))
    throw new CommandError("Nothing was destroyed.");

  try {
    if (keeping !== undefined) {
      await interruptible(`${NOTHING_DESTROYED} ${FORGOTTEN_OR_NOT}`, () => forget(keeping, options));
    }
    await interruptible(BEFORE_THE_DESTROY, () => liftProtection(target, losses.guarded));
    await runDestroy(target, state, allowing(options.allowDeletes));
  } catch (error) {
    if (losses.guarded.length > 0) printNote(LIFTED);
    throw error;
  }
}

const NOTHING_DESTROYED = "Interrupted: nothing was destroyed.";

const BEFORE_THE_DESTROY = `${NOTHING_DESTROYED} The next \`nrfcloud-fleet apply\` sets all protections again.`;

const LIFTED =
  "The remaining devices have no protection now. The next `nrfcloud-fleet apply` or `pulumi up` sets it again.";

/** The resources of the stack without the devices to keep, and the plan to forget these. */
async function readState(
  target: Target,
  { keep, ...keys }: Options,
): Promise<{ readonly keeping?: Forgetting; readonly state: readonly StateResource[] }> {
  if (keep === undefined) return { state: await exportState(target) };
  const isMeant = readIdPatterns(keep, "--keep");
  const keeping = planForgetting(await StackState.export(target), isMeant, keys);
  return { keeping, state: keeping.rest };
}

async function runDestroy(
  target: Target,
  state: readonly StateResource[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const outcome = await operate(target, {
    args: ["destroy", "--yes", "--skip-preview"],
    env,
    what: "Destroying",
    atStake: "state",
  });
  const after = await interruptible(SUMMARY_MISSING, async () => tablesIn(await exportState(target)));
  const steps = state
    .filter(({ custom }) => custom)
    .map((resource) => ({ ...resource, before: resource, after: undefined }));
  conclude("destroy", outcome, { steps, before: tablesIn(state), after, now: new Date(), printed: [] });
}
