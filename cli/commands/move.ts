import path from "node:path";
import { Command } from "commander";
import { projectFolder } from "../../provider/engine/projectFolder.js";
import { CommandError } from "../commandError.js";
import { FIRST_GENERATION } from "../../provider/fleet/rotation.js";
import { orderedBy } from "../../provider/reconcile/plan/credentials/generations.js";
import type { Row } from "../../provider/reconcile/table/row.js";
import { KEPT } from "../../provider/reconcile/table/packRotation.js";
import { confirmed, requireAnswer } from "../confirm.js";
import { readIdPatterns } from "../fleet/idPatterns.js";
import { idText } from "../fleet/idText.js";
import { interruptible, NOTHING_CHANGED } from "../pulumi/interrupts.js";
import { targetOf, type TargetOptions } from "../pulumi/target.js";
import { carryOutMove, planMove, planRest, type Moving, type Stacks } from "../state/move.js";
import { MoveLog } from "../state/moveLog.js";
import { StackState } from "../state/stackState.js";
import { count, printText, printNote } from "../terminal.js";
import { withTarget } from "./options.js";

interface Options extends TargetOptions {
  readonly to: string;
  readonly toCwd?: string;
  readonly toSet?: string;
  readonly yes?: true;
}

/** `nrfcloud-fleet move`: moves devices with certificate and key from one stack to another. */
export function moveCommand(): Command {
  return withTarget(new Command("move"))
    .description("Move devices with certificate and key to another stack. The account does not change.")
    .argument("<ids...>", "the devices, such as lab-{000..099} or lab-*")
    .requiredOption("--to <stack>", "the stack that receives the devices")
    .option("--to-cwd <folder>", "folder of its Pulumi project (default: the same project)")
    .option("--to-set <name>", "the set that receives them, if the stack has several")
    .option("-y, --yes", "do not ask")
    .action(move);
}

async function move(ids: readonly string[], options: Options): Promise<void> {
  requireAnswer(options.yes === true);
  const isMeant = readIdPatterns(ids, "move");
  const source = targetOf(options);
  const target = targetOf({ cwd: options.toCwd ?? source.cwd, stack: options.to });
  const stacks = await interruptible(NOTHING_CHANGED, async () => ({
    from: await StackState.export(source),
    to: await StackState.export(target),
  }));
  const log = new MoveLog(projectFolder(path.resolve(source.cwd)));
  const moving = unfinishedMove(stacks, log) ?? planMove(stacks, isMeant, options.toSet);

  const moved = moving.rows.map(({ id }) => id);
  const [from, to] = [stacks.from.name, stacks.to.name];
  printText(
    `${count(moved.length, "device moves", "devices move")} from ${from} to ${moving.into.name} of ${to}, with certificate and key: ${idText(moved)}`,
  );
  const rotating = moving.rows.filter(({ record }) =>
    KEPT.some((kept) => record.rotation?.[kept] !== undefined),
  );
  if (rotating.length > 0)
    printText(`  The credentials that are kept for a rotation move too: ${idsOf(rotating)}`);
  if (!(await confirmed("Move them?", options.yes === true))) throw new CommandError("Nothing was changed.");
  await interruptible("Interrupted: run the same command again to finish the move.", () =>
    carryOutMove(moving, log),
  );
  printNextSteps(moving, from, to);
}

/** The unfinished part of an earlier move between these stacks. @throws CommandError if a move between other stacks is unfinished */
function unfinishedMove(stacks: Stacks, log: MoveLog): Moving | undefined {
  const started = log.unfinished();
  if (started === undefined) return undefined;
  if (started.from !== stacks.from.name || started.to !== stacks.to.name) {
    throw new CommandError(
      `A move of ${idText(started.ids)} from ${started.from} to ${started.to} was interrupted. Nothing was changed. Run that move again first, to finish it.`,
    );
  }
  const rest = planRest(stacks, started);
  if (rest === undefined) log.end();
  else
    printNote(
      "An earlier move between these stacks was interrupted. This run finishes it. Move other devices after it.",
    );
  return rest;
}

function isBeyondFirst(row: Row | undefined): boolean {
  const generation = orderedBy(row)?.rotation.generation;
  return generation !== undefined && generation !== FIRST_GENERATION.generation;
}

function idsOf(rows: Moving["rows"]): string {
  return idText(rows.map(({ id }) => id));
}

function printNextSteps({ rows }: Moving, from: string, to: string): void {
  printText(
    `Done. Now change both fleet files before the next apply:\n` +
      `  Remove the devices from the file of ${from}. Until then its plan fails, because the account has them already.\n` +
      `  Add them to the file of ${to}, with the same sub-type, firmware types and credential. Until then they are protected there:\n` +
      `  its plan fails instead of deleting them. The apply that declares them removes the protection.`,
  );
  const rotated = rows.filter(({ id, table }) => isBeyondFirst(table.declared.get(id)));
  if (rotated.length > 0)
    printNote(
      `The credentials of ${idsOf(rotated)} have a later generation. Declare the same \`rotation\` for them in ${to}, or its plan will not keep it.`,
    );
  const adopting = rows
    .filter(({ id, table }) => table.declared.get(id)?.adopt === "keep")
    .map(({ id }) => id);
  if (adopting.length > 0) {
    printNote(
      `The fleet file of ${from} declares ${idText(adopting)} with \`adopt: true\`. Until you remove them, the next apply there adopts them again.`,
    );
  }
}
