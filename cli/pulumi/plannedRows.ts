import { summarize, summaryLines, type Summary } from "../../provider/reconcile/plan/summary/summary.js";
import type { Sign } from "../../provider/reconcile/plan/summary/sign.js";
import type { RowChange } from "../../provider/reconcile/plan/change.js";
import { isKind, nameOf } from "../report/things.js";
import { isTable } from "../state/sets.js";
import type { Step } from "./events.js";
import { rowChanges } from "./rows.js";

/** What an operation would do to the rows of all tables. */
export interface PlannedRows {
  /** The changes of each set's rows, and of all single resources together. */
  readonly tables: readonly PlannedGroup[];
  /** Rows that leave the state, and whose devices remain in the account. */
  readonly forgotten: readonly string[];
  /** Rows that differ and do not change, because the user selected only others. */
  readonly leftOut: readonly string[];
  /** The number of rows to change, by the kind of change. */
  readonly totals: Readonly<Record<Sign, number>>;
  /** The number of unchanged rows. */
  readonly same: number;
  /** The unchanged rows that wait for their devices: for the first connect, or for a new key. */
  readonly waiting: readonly string[];
}

export interface PlannedGroup {
  /** The provider's name of a set, such as `DeviceSet fleet`. */
  readonly title: string;
  readonly summary: Summary;
}

/** Reads the changes of the rows of all tables from the steps of a preview. */
export function plannedRows(steps: readonly Step[], now: Date): PlannedRows {
  const forgotten: string[] = [];
  const leftOut: string[] = [];
  const sets: { readonly title: string; readonly changes: ReadonlyMap<string, RowChange> }[] = [];
  const singles = new Map<string, RowChange>();
  const waiting: string[] = [];
  let same = 0;
  for (const step of steps) {
    if (!isTable(step.kind)) continue;
    // The first step of a replacement has its rows already.
    if (step.op === "delete-replaced" || step.op === "replace") continue;
    const rows = rowChanges(step, now);
    forgotten.push(...rows.forgotten);
    leftOut.push(...rows.leftOut);
    same += rows.same;
    waiting.push(...rows.waiting);
    if (isKind(step.kind, "DeviceSet"))
      sets.push({ title: `DeviceSet ${nameOf(step.urn)}`, changes: rows.changes });
    else for (const [id, change] of rows.changes) singles.set(id, change);
  }
  const all = [...sets, { title: "Single devices", changes: singles }].filter(
    ({ changes }) => changes.size > 0,
  );
  return {
    tables: all.map(({ title, changes }) => ({ title, summary: summarize(changes) })),
    forgotten,
    leftOut,
    totals: totalsOf(all.flatMap(({ changes }) => [...changes.values()])),
    same,
    waiting,
  };
}

function totalsOf(changes: readonly RowChange[]): PlannedRows["totals"] {
  const totals = { "+": 0, "~": 0, "-/+": 0, "-": 0 };
  for (const change of changes) {
    const sign = signOf(change);
    if (sign !== undefined) totals[sign]++;
  }
  return totals;
}

function signOf(change: RowChange): Sign | undefined {
  switch (change.kind) {
    case "add":
      return "+";
    case "update":
      return "~";
    case "replace":
      return "-/+";
    case "remove":
      return "-";
    case "same":
      return undefined;
  }
}

/** The lines that describe the changes of the rows, the same as in the provider's own remark. */
export function plannedLines({ tables }: PlannedRows): readonly string[] {
  return tables.flatMap(({ summary }) => summaryLines(summary));
}
