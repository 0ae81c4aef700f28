import type { RowChange } from "../../provider/reconcile/plan/change.js";
import type { RowRecord, Records } from "../../provider/reconcile/table/record.js";
import type { Row } from "../../provider/reconcile/table/row.js";
import { groupBy } from "../../provider/fleet/groupBy.js";

/** The results of the rows that an operation had to change, from the state after it. */
export interface RemainingRows {
  /** The number of devices by operation, such as `onboarded`. */
  readonly done: ReadonlyMap<string, number>;
  readonly failures: readonly RowFailure[];
  /** Devices that have not connected yet. */
  readonly waiting: readonly string[];
  /** Devices that somebody else created again. They do not change. */
  readonly replaced: readonly string[];
  /** Devices that the API key can't see. */
  readonly hidden: readonly string[];
  /** Claims by token that left the state and remain in the account. */
  readonly keptClaims: readonly string[];
  /** Just-in-time certificates that left the state and remain valid. */
  readonly keptCertificates: readonly string[];
  /** Not attempted, because a roll-out stopped. */
  readonly notAttempted: readonly string[];
  /** Planned and not done, without a reason in the state. */
  readonly open: readonly string[];
}

/** Devices that failed for the same reason. */
export interface RowFailure {
  readonly reason: string;
  readonly ids: readonly string[];
}

/** A table that an operation had to change. */
export interface PlannedTable {
  readonly changes: ReadonlyMap<string, RowChange>;
  /** What the same operation would change now. */
  readonly still: ReadonlyMap<string, RowChange>;
  /** The records in the state before. */
  readonly before: Records;
  /** The records in the state after. Empty if the table left the state. */
  readonly after: Records;
  /** The rows that a stopped roll-out did not attempt. */
  readonly notAttempted: readonly string[];
}

/** Finds what remains of tables. */
export function remainingRows(tables: readonly PlannedTable[]): RemainingRows {
  const done = new Map<string, number>();
  const open: string[] = [];
  const left: { readonly id: string; readonly row: Row }[] = [];
  const add = (what: string): void => {
    done.set(what, (done.get(what) ?? 0) + 1);
  };
  for (const { changes, still, before, after, notAttempted } of tables) {
    const isLeft = new Set(notAttempted);
    for (const [id, { outcome }] of after) {
      if (before.get(id)?.outcome.kind === "waiting" && SETTLED.has(outcome.kind) && !changes.has(id))
        add("claimed");
    }
    for (const [id, change] of changes) {
      if (isLeft.has(id)) continue;
      const record = after.get(id);
      if (!still.has(id) && isSettled(change, record)) {
        add(participle(change, record, before.get(id)));
        if (change.kind === "remove") left.push({ id, row: change.before });
      } else if (record === undefined || SETTLED.has(record.outcome.kind)) open.push(id);
    }
  }
  const records = tables.flatMap(({ after }) => [...after].map(([id, record]) => ({ id, record })));
  const of = (kind: RowRecord["outcome"]["kind"]): string[] =>
    records.filter(({ record }) => record.outcome.kind === kind).map(({ id }) => id);
  return {
    done,
    open,
    notAttempted: tables.flatMap(({ notAttempted }) => notAttempted),
    failures: failuresIn(records),
    waiting: of("waiting"),
    replaced: of("replaced"),
    hidden: of("hidden"),
    keptClaims: left.filter(({ row }) => row.way === "attestation" && !row.unclaim).map(({ id }) => id),
    keptCertificates: left.filter(({ row }) => row.way === "jitp" && row.issued).map(({ id }) => id),
  };
}

/** Outcomes of devices that this stack does not own: they leave only its state. */
const NOT_OURS: ReadonlySet<string> = new Set(["replaced", "waiting"]);
const SETTLED: ReadonlySet<string> = new Set(["done", "adopted"]);

function isSettled(change: RowChange, record: RowRecord | undefined): boolean {
  if (change.kind === "remove") return record === undefined || record.deletedAt !== undefined;
  return record !== undefined && SETTLED.has(record.outcome.kind);
}

function participle(change: RowChange, record: RowRecord | undefined, before: RowRecord | undefined): string {
  switch (change.kind) {
    case "add":
      if (record?.outcome.kind === "adopted") return "adopted";
      return change.after.way === "preconnect" ? "onboarded" : "claimed";
    case "update":
      return "changed";
    case "replace":
      return "replaced";
    case "remove":
      return before !== undefined && NOT_OURS.has(before.outcome.kind)
        ? "forgotten"
        : departure(change.before);
    case "same":
      return "unchanged";
  }
}

function departure(row: Row): string {
  switch (row.way) {
    case "preconnect":
      return "deleted";
    case "jitp":
      return "released";
    case "attestation":
      return row.unclaim ? "unclaimed" : "forgotten";
  }
}

function failuresIn(records: readonly { readonly id: string; readonly record: RowRecord }[]): RowFailure[] {
  const failed = records.flatMap(({ id, record: { outcome } }) =>
    outcome.kind === "failed" ? [{ id, reason: outcome.reason }] : [],
  );
  return [...groupBy(failed, ({ reason }) => reason)].map(([reason, members]) => ({
    reason,
    ids: members.map(({ id }) => id),
  }));
}
