import { Command } from "commander";
import { CommandError } from "../commandError.js";
import { confirmed, requireAnswer } from "../confirm.js";
import { idText } from "../fleet/idText.js";
import { readIdPatterns } from "../fleet/idPatterns.js";
import { interruptible, NOTHING_CHANGED } from "../pulumi/interrupts.js";
import { targetOf, type TargetOptions } from "../pulumi/target.js";
import {
  describeForgotten,
  forget,
  FORGOTTEN_OR_NOT,
  planForgetting,
  type KeyOptions,
} from "../state/forget.js";
import { StackState } from "../state/stackState.js";
import { printText, printNote } from "../terminal.js";
import { withKeys, withTarget } from "./options.js";

interface Options extends TargetOptions, KeyOptions {
  readonly yes?: true;
}

/** `nrfcloud-fleet forget`: removes devices from a stack's state, and leaves them in the account. */
export function forgetCommand(): Command {
  return withKeys(withTarget(new Command("forget")))
    .description("Remove devices from the stack's state, and leave them in the account.")
    .argument("<ids...>", "the devices, such as lab-{000..099} or lab-*")
    .option("-y, --yes", "do not ask")
    .action(forgetRows);
}

async function forgetRows(ids: readonly string[], options: Options): Promise<void> {
  requireAnswer(options.yes === true);
  const isMeant = readIdPatterns(ids, "forget");
  const state = await interruptible(NOTHING_CHANGED, () => StackState.export(targetOf(options)));
  const forgetting = planForgetting(state, isMeant, options);
  printText(describeForgotten(forgetting));
  if (!(await confirmed("Forget them?", options.yes === true)))
    throw new CommandError("Nothing was changed.");
  await interruptible(`Interrupted: ${FORGOTTEN_OR_NOT}`, () => forget(forgetting, options));
  const { rows } = forgetting;
  printText(
    `Done. Now remove these devices from the fleet file. Until then a plan fails, because the account has them already.`,
  );
  const adopting = rows
    .filter(({ id, table }) => table.declared.get(id)?.adopt === "keep")
    .map(({ id }) => id);
  if (adopting.length > 0) {
    printNote(
      `The fleet file declares ${idText(adopting)} with \`adopt: true\`. Until you remove them, the next apply of this stack adopts them again.`,
    );
  }
}
