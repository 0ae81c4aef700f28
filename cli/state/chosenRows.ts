import { CommandError } from "../commandError.js";
import { idText } from "../fleet/idText.js";
import { count } from "../terminal.js";
import { rowsIn, tablesIn, type StateRow } from "./sets.js";
import { interruptedIds } from "./interruptedRows.js";
import type { StackState } from "./stackState.js";

/**
 * The selected rows of sets, if they can be removed from the state.
 * @throws CommandError if no row matches, if one of them can't be removed, or while a run is unfinished
 */
export function selectedRows(state: StackState, isMeant: (id: string) => boolean): readonly StateRow[] {
  requireFinished(state);
  const meant = rowsIn(tablesIn(state.resources)).filter(({ id }) => isMeant(id));
  if (meant.length === 0)
    throw new CommandError("No device of this stack matches these ids. Nothing was changed.", 2);
  const single = meant.filter(({ table }) => !table.isSet);
  const [first] = single;
  if (first !== undefined) {
    throw refused(
      single,
      "is a single resource, not a row of a set",
      "are single resources, not rows of a set",
      `\`pulumi state delete '${first.table.urn}'\` removes one from the state, and \`pulumi state move\` moves one to another stack.`,
    );
  }
  const taken = meant.filter(({ table, id }) => table.declared.get(id)?.adopt === "recertify");
  if (taken.length > 0) {
    throw refused(
      taken,
      "is declared with `adopt: recertify`",
      "are declared with `adopt: recertify`",
      "The next apply would give such a device a new certificate. Remove `adopt` from the fleet file, apply, then run this again.",
    );
  }
  const coming = meant.filter(({ record }) => record.jobId !== undefined && record.createdAt === undefined);
  if (coming.length > 0) {
    throw refused(
      coming,
      "waits for an unfinished bulk job",
      "wait for an unfinished bulk job",
      "Only this state has the evidence that they are yours. Run `nrfcloud-fleet apply` first.",
    );
  }
  const started = interruptedIds(state, meant);
  const interrupted = meant.filter(({ id }) => started.has(id));
  if (interrupted.length > 0) {
    throw refused(
      interrupted,
      "was being changed by a run that was interrupted",
      "were being changed by a run that was interrupted",
      "Run `nrfcloud-fleet apply` first: it resumes the interrupted run.",
    );
  }
  return meant;
}

/** @throws CommandError while a run is unfinished */
export function requireFinished(state: StackState): void {
  const { pending } = state;
  if (pending.length === 0) return;
  throw new CommandError(
    `An interrupted run was changing ${idText(pending)}, so the state may be wrong. Nothing was changed.\n` +
      "Run `nrfcloud-fleet apply` first. If you see this message again, run `pulumi refresh --clear-pending-creates`.",
  );
}

function refused(rows: readonly StateRow[], one: string, many: string, remedy: string): CommandError {
  const ids = idText(rows.map(({ id }) => id));
  return new CommandError(
    `${count(rows.length, "device")} ${rows.length === 1 ? one : many} (${ids}). Nothing was changed.\n${remedy}`,
  );
}
