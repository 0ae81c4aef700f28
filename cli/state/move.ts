import { isDeepStrictEqual } from "node:util";
import { KEPT } from "../../provider/reconcile/table/packRotation.js";
import type { KeptCredential, RotationRecord, RowRecord } from "../../provider/reconcile/table/record.js";
import { DEFAULT_VALIDITY_DAYS } from "../../provider/reconcile/table/terms.js";
import { issuedWith } from "../../provider/ways/preconnect/cas.js";
import { CommandError } from "../commandError.js";
import { idText } from "../fleet/idText.js";
import { count } from "../terminal.js";
import { selectedRows, requireFinished } from "./chosenRows.js";
import { keptRows, withoutRows, withRows } from "./editRows.js";
import type { StartedMove, MoveLog } from "./moveLog.js";
import { rowsIn, tablesIn, type StateRow, type StateTable } from "./sets.js";
import type { StackState } from "./stackState.js";

/** The two states of a move. */
export interface Stacks {
  readonly from: StackState;
  readonly to: StackState;
}

/** The plan to move devices from one stack to another, with certificate and key. */
export interface Moving {
  readonly rows: readonly StateRow[];
  /** The set that receives the devices. */
  readonly into: StateTable;
  readonly before: Stacks;
  readonly after: Stacks;
}

/**
 * Plans a move.
 * @param toSet name of the set that receives the devices; required if the stack has several
 * @throws CommandError if the move is not safe
 */
export function planMove(
  stacks: Stacks,
  isMeant: (id: string) => boolean,
  toSet: string | undefined,
): Moving {
  const { from, to } = stacks;
  if (from.name === to.name) {
    throw new CommandError(
      "Both are the same stack, and a move needs two. Nothing was changed. For another set of this stack, remove the " +
        "devices from the state with `nrfcloud-fleet forget --credentials <folder>`. Then declare them in that set with `adopt: true`.",
      2,
    );
  }
  const rows = selectedRows(from, isMeant);
  requireFinished(to);
  const into = targetSet(to, toSet);
  requireSameTeam(rows, into);
  const doubtful = rows.filter(({ record }) => ["replaced", "hidden"].includes(record.outcome.kind));
  if (doubtful.length > 0) {
    throw refused(
      doubtful,
      "The account has other devices under these ids, or the API key can't see them. Run `pulumi refresh` with a key of an owner or admin.",
    );
  }
  const there = presentIn(to, rows);
  if (there.length > 0) throw refused(there, `Stack ${to.name} has devices with these ids already.`);
  return { rows, into, before: stacks, after: movedStates(stacks, rows, into) };
}

/**
 * Plans the rest of a move that was interrupted between the two states.
 * @returns `undefined` if nothing remains to be done
 */
export function planRest(stacks: Stacks, { ids }: StartedMove): Moving | undefined {
  const { from, to } = stacks;
  const named = new Set(ids);
  const targets = new Map(rowsIn(tablesIn(to.resources)).map((row) => [row.id, row]));
  const both = rowsIn(tablesIn(from.resources)).filter(({ id }) => named.has(id) && targets.has(id));
  const [first] = both;
  const into = first && targets.get(first.id)?.table;
  if (into === undefined) return undefined;
  const differing = both.filter(({ id, record }) => !isSameDevice(record, targets.get(id)?.record));
  if (differing.length > 0) {
    throw refused(
      differing,
      `An earlier move was interrupted, and now both stacks have different devices with these ids. Remove them from the wrong stack with \`nrfcloud-fleet forget\`.`,
    );
  }
  return { rows: both, into, before: stacks, after: { from: withoutRows(from, both), to } };
}

/**
 * Changes both states, or neither. Changes the receiving stack first, so that one of the states has the keys at any time. If the
 * second state can't be changed, restores the first.
 */
export async function carryOutMove({ rows, before, after }: Moving, log: MoveLog): Promise<void> {
  log.start({ from: before.from.name, to: before.to.name, ids: rows.map(({ id }) => id) });
  if (after.to !== before.to) {
    try {
      await after.to.import();
    } catch (error) {
      await putBack(before.to, log, error);
      throw error;
    }
  }
  try {
    await after.from.import();
  } catch (error) {
    if (after.to !== before.to) await putBack(before.to, log, error);
    throw error;
  }
  log.end();
}

async function putBack(state: StackState, log: MoveLog, why: unknown): Promise<void> {
  try {
    if (!(await state.isCurrent())) await state.put();
  } catch (error) {
    const reasons = [why, error].map((each) => (each instanceof Error ? each.message : String(each)));
    throw new CommandError(
      `The move was not finished, and stack ${state.name} could not be put back, so both stacks may have the devices now. ` +
        `Run the same command again: it finishes the move.\n${reasons.join("\n")}`,
    );
  }
  log.end();
}

function movedStates({ from, to }: Stacks, rows: readonly StateRow[], into: StateTable): Stacks {
  const present = presentTerms(into);
  const movedRows = keptRows(from, rows).map(({ declared, record, ...row }) => ({
    ...row,
    // As long as the other program does not declare them, its next run would delete them.
    declared: declared && { ...declared, protect: true },
    record: {
      ...record,
      row: record.row && { ...record.row, protect: true },
      // A certificate of another CA does not require a new one; the next CA of this set does.
      issuedWith: record.issuedWith && (present ?? record.issuedWith),
      ...(record.rotation === undefined ? {} : { rotation: arrivingRotation(record.rotation, present) }),
    },
  }));
  return { from: withoutRows(from, rows), to: withRows(to, into.urn, movedRows) };
}

/** Both generations go along. Neither a kept nor a present credential requires a new one when it is registered. */
function arrivingRotation(rotation: RotationRecord, present: RowRecord["issuedWith"]): RotationRecord {
  const arriving = (kept: KeptCredential | undefined) =>
    kept && { ...kept, issuedWith: kept.issuedWith && (present ?? kept.issuedWith) };
  const { next, previous } = rotation;
  return { ...rotation, next: arriving(next), previous: arriving(previous) };
}

/** What a set issues certificates with. */
function presentTerms({ resource: { inputs } }: StateTable): RowRecord["issuedWith"] {
  const { caCertificate, validityDays } = inputs;
  return issuedWith({
    caCertificate: typeof caCertificate === "string" ? caCertificate : undefined,
    validityDays: typeof validityDays === "number" ? validityDays : DEFAULT_VALIDITY_DAYS,
  });
}

function targetSet(to: StackState, name: string | undefined): StateTable {
  const sets = tablesIn(to.resources).filter(({ isSet }) => isSet);
  const named = name === undefined ? sets : sets.filter((set) => set.name === name);
  const [only, another] = named;
  if (only === undefined) {
    throw new CommandError(
      name === undefined
        ? `Stack ${to.name} has no set of devices. Nothing was changed. Declare a fleet there, apply it, and run this again.`
        : `Stack ${to.name} has no set ${name}; it has ${sets.map((set) => set.name).join(", ") || "none"}. Nothing was changed.`,
    );
  }
  if (another !== undefined) {
    throw new CommandError(
      `Stack ${to.name} has several sets (${named.map((set) => set.name).join(", ")}). Nothing was changed. Say which with --to-set.`,
      2,
    );
  }
  return only;
}

function requireSameTeam(rows: readonly StateRow[], into: StateTable): void {
  const foreign = rows.filter(({ table }) => table.team === undefined || table.team !== into.team);
  if (foreign.length > 0) throw refused(foreign, "The two stacks manage devices of different teams.");
}

function presentIn(state: StackState, rows: readonly StateRow[]): StateRow[] {
  const ids = new Set(rowsIn(tablesIn(state.resources)).map(({ id }) => id));
  return rows.filter(({ id }) => ids.has(id));
}

function isSameDevice(one: StateRow["record"], other: StateRow["record"] | undefined): boolean {
  const identity = (record: StateRow["record"] | undefined) => [
    record?.createdAt,
    record?.certificate,
    record?.privateKey,
    KEPT.map((kept) => [record?.rotation?.[kept]?.certificate, record?.rotation?.[kept]?.privateKey]),
  ];
  return isDeepStrictEqual(identity(one), identity(other));
}

function refused(rows: readonly StateRow[], why: string): CommandError {
  const ids = idText(rows.map(({ id }) => id));
  return new CommandError(
    `${count(rows.length, "device")} can't be moved (${ids}). Nothing was changed.\n${why}`,
  );
}
