import { amountText, mostOf, type Amount } from "../../fleet/amount.js";
import { compareRows, takesOut, type RowChange, type TableChange } from "./change.js";
import { refuse, WILL_FAIL, type Finding } from "./finding.js";
import { planRow, type RowPlan } from "./planRow.js";
import { retirementOf } from "./retirement.js";
import { batchesOf, rolloutLines, type Batch, type Rows, type TableLane } from "./rollout.js";
import type { RowRecord, Records } from "../table/record.js";
import type { Row } from "../table/row.js";
import type { Renewal, RowSituation, Seen, Unfinished } from "./situation.js";
import { devices, idRanges, leftOutText, summarize, summaryLines } from "./summary.js";

/** What is declared of a table, and what the state has of it. */
export interface Tables {
  readonly declared: ReadonlyMap<string, Row>;
  /** Rows that are declared, but not known yet. */
  readonly unknown: ReadonlySet<string>;
  readonly recorded: Records;
  /** What has changed of the table since the certificate of a row was issued. */
  readonly tableOf: (record: RowRecord | undefined) => TableChange;
  readonly isDue: (record: RowRecord, row: Row) => boolean;
  readonly now: Date;
  /** Which rows may be changed at all. */
  readonly isChosen: (id: string) => boolean;
  /** In which order rows are changed; empty: all together. */
  readonly lanes: readonly TableLane[];
}

/** What the account and the redo log have. */
export interface Observations {
  readonly seen: ReadonlyMap<string, Seen>;
  readonly log: ReadonlyMap<string, Unfinished>;
  /** What became of orders to make new keys. */
  readonly renewals?: ReadonlyMap<string, Renewal>;
}

export interface Guards {
  readonly maxDeletes: Amount | undefined;
  /** So many devices may leave the account this once, whatever the limit is. */
  readonly allowedDeletes: number | undefined;
  /** Whether retired devices may leave before their time, as where the whole table is destroyed. */
  readonly keepsRetired: boolean;
}

/** A finding with all the ids that it is true of. */
export interface TableFinding extends Finding {
  readonly ids: readonly string[];
}

export interface TablePlan {
  /** The rows with steps, findings or a new record. */
  readonly rows: ReadonlyMap<string, RowPlan>;
  readonly findings: readonly TableFinding[];
  /** Rows that are left as they are, because only others were chosen, though they differ. */
  readonly leftOut: readonly string[];
  /** Devices that would leave the account. */
  readonly leaving: readonly string[];
  /** The rows of this plan, in the order of their change. */
  readonly batches: readonly Batch[];
}

/** The ids that must be read in the account or in the log. */
export function idsToRead(tables: Tables, logged: Iterable<string>): string[] {
  const ids = new Set<string>();
  const { declared, unknown, recorded, tableOf, isDue, isChosen, now } = tables;
  for (const [id, row] of declared) {
    const record = recorded.get(id);
    const retirement = retirementOf(record, row, now);
    if (retirement?.kind === "gone") continue;
    if (record?.row === undefined || needsAttention(record) || retirement?.kind === "due") ids.add(id);
    else if (compareRows(record.row, row, tableOf(record)).kind !== "same" || isDue(record, row)) ids.add(id);
  }
  for (const id of recorded.keys()) if (!declared.has(id) && !unknown.has(id)) ids.add(id);
  for (const id of logged) if (!unknown.has(id)) ids.add(id);
  return [...ids].filter(isChosen);
}

function needsAttention({ outcome }: RowRecord): boolean {
  return outcome.kind !== "done" && outcome.kind !== "adopted";
}

/** Compares the tables, row by row, and judges the whole by its guards. Pure: a preview and an `up` give the same. */
export function planTable(tables: Tables, { seen, log, renewals }: Observations, guards: Guards): TablePlan {
  const { declared, unknown, recorded, tableOf, isDue, isChosen, lanes, now } = tables;
  const rows = new Map<string, RowPlan>();
  const leftOut: string[] = [];
  const unfinished: string[] = [];
  const findings = new Map<string, { kind: Finding["kind"]; text: string; ids: string[] }>();
  for (const id of new Set([...declared.keys(), ...recorded.keys(), ...log.keys()])) {
    if (unknown.has(id)) continue;
    const row = declared.get(id);
    const record = recorded.get(id);
    if (!isChosen(id)) {
      if (log.has(id)) unfinished.push(id);
      if (compareRows(record?.row, row, tableOf(record)).kind !== "same") leftOut.push(id);
      continue;
    }
    const situation: RowSituation = {
      id,
      declared: row,
      record,
      seen: seen.get(id),
      log: log.get(id),
      renewal: renewals?.get(id),
      table: tableOf(record),
      retirement: retirementOf(record, row, now),
      renewalDue: record !== undefined && row !== undefined && isDue(record, row),
    };
    const plan = planRow(situation);
    if (
      plan.change.kind === "same" &&
      plan.steps.length === 0 &&
      plan.findings.length === 0 &&
      plan.then === "as it was"
    )
      continue;
    rows.set(id, plan);
    for (const { kind, text } of plan.findings) {
      const known = findings.get(text);
      if (known === undefined) findings.set(text, { kind, text, ids: [id] });
      else known.ids.push(id);
    }
  }
  const leaving = [...rows].filter(([id, plan]) => leaves(plan, seen.get(id))).map(([id]) => id);
  const guarded = [
    ...whyProtected(rows, leaving),
    ...whyTooMany(rows, leaving, recorded.size, guards),
    ...whyRetired(leaving, tables, guards),
    ...whyUnfinished(unfinished),
  ].map((text): TableFinding => ({ ...refuse(text), ids: [] }));
  const batches = batchesOf(orderOf(rows, log), lanes);
  return { rows, findings: [...guarded, ...findings.values()], leftOut, leaving, batches };
}

/** What an interrupted run began is resumed before anything new, and so is what waits. */
function orderOf(rows: ReadonlyMap<string, RowPlan>, log: Observations["log"]): Rows {
  const waits = (id: string) => {
    const plan = rows.get(id);
    return plan === undefined || plan.steps.length === 0 || plan.change.kind === "same" || log.has(id);
  };
  const ids = [...rows.keys()];
  return { before: ids.filter(waits), rest: ids.filter((id) => !waits(id)) };
}

const REMOVALS: ReadonlySet<string> = new Set(["delete", "dissociate", "unclaim"]);

function leaves({ steps, change }: RowPlan, seen: Seen | undefined): boolean {
  return steps.some(({ kind }) => REMOVALS.has(kind)) || (seen === undefined && takesOut(change));
}

function whyProtected(rows: ReadonlyMap<string, RowPlan>, leaving: readonly string[]): string[] {
  const hit = leaving.filter((id) => {
    const change = rows.get(id)?.change;
    return change !== undefined && "before" in change && change.before.protect;
  });
  if (hit.length === 0) return [];
  return [
    `This operation would delete, replace or release protected devices: ${idRanges(hit)}. Nothing was changed.\n` +
      "If you want that, first remove `protect: true`, change nothing else, and run `up`. The next run may then delete them.",
  ];
}

function whyTooMany(
  rows: ReadonlyMap<string, RowPlan>,
  leaving: readonly string[],
  size: number,
  { maxDeletes, allowedDeletes = 0 }: Guards,
): string[] {
  if (maxDeletes === undefined) return [];
  const most = mostOf(maxDeletes, size);
  if (leaving.length <= Math.max(most, allowedDeletes)) return [];
  const replaced = leaving.filter((id) => rows.get(id)?.change.kind === "replace");
  const gone = leaving.filter((id) => rows.get(id)?.change.kind !== "replace");
  const parts = [
    ...(gone.length === 0 ? [] : [`- ${devices(gone.length)} deleted or released: ${idRanges(gone)}`]),
    ...(replaced.length === 0 ? [] : [`- ${devices(replaced.length)} replaced: ${idRanges(replaced)}`]),
  ];
  return [
    `This operation would delete, replace or release ${devices(leaving.length)} of ${size}, but maxDeletes (${amountText(maxDeletes)}) ` +
      `allows ${most}. Nothing was changed.\n${parts.join("\n")}\n` +
      `If you want that, run again with NRF_CLOUD_ALLOW_DELETES=${leaving.length}, or raise maxDeletes in the fleet file.`,
  ];
}

/** A device that is retired is kept for its time, whoever takes its row away. */
function whyRetired(
  leaving: readonly string[],
  { recorded, now }: Tables,
  { allowedDeletes = 0, keepsRetired }: Guards,
): string[] {
  if (!keepsRetired) return [];
  const byDay = new Map<string, string[]>();
  for (const id of leaving) {
    const record = recorded.get(id);
    const retirement = retirementOf(record, record?.row, now);
    if (retirement?.kind !== "kept") continue;
    const day = retirement.until.toISOString().slice(0, 10);
    byDay.set(day, [...(byDay.get(day) ?? []), id]);
  }
  const early = [...byDay].sort(([one], [other]) => (one < other ? -1 : 1));
  const count = early.reduce((sum, [, ids]) => sum + ids.length, 0);
  if (count <= allowedDeletes) return [];
  return [
    `This operation would delete, replace or release ${devices(count)} before the end of the time for which retired devices are kept. ` +
      `Nothing was changed.\n${early.map(([day, ids]) => `- kept until ${day}: ${idRanges(ids)}`).join("\n")}\n` +
      `Declare them as retired until then. If you want to delete them now, run again with NRF_CLOUD_ALLOW_DELETES=${leaving.length}.`,
  ];
}

/** The state that this run saves makes the log's entries old, and with them the only keys of devices that it leaves out. */
function whyUnfinished(ids: readonly string[]): string[] {
  if (ids.length === 0) return [];
  return [
    `An interrupted run began to change ${devices(ids.length)} that \`--only\` leaves out: ${idRanges(ids)}. Nothing was changed.\n` +
      "Only the next run can resume it. Run without `--only` first, or choose these devices too.",
  ];
}

/** Why nothing may be changed as long as this plan is what it is; empty where it may be carried out. */
export function refusals({ findings }: Pick<TablePlan, "findings">): string[] {
  return findings.filter(({ kind }) => kind === "refuse").map(findingText);
}

/** A finding with the devices that it is about. */
export function findingText({ text, ids }: TableFinding): string {
  if (ids.length === 0) return text;
  return `${devices(ids.length)} (${idRanges(ids)}): ${text}`;
}

/** What a plan means, as one text for people; `undefined` where there is nothing to say. */
export function planText(name: string, plan: TablePlan): string | undefined {
  const changes = new Map<string, RowChange>([...plan.rows].map(([id, { change }]) => [id, change]));
  const of = (...kinds: readonly Finding["kind"][]) =>
    plan.findings.filter(({ kind }) => kinds.includes(kind)).map(findingText);
  const lines = [
    ...of("fail").map((text) => `${WILL_FAIL} ${text}`),
    ...summaryLines(summarize(changes)),
    ...rolloutLines(plan.batches),
    ...of("keep", "note").map((text) => `Note: ${text}`),
    ...(plan.leftOut.length === 0 ? [] : [`${leftOutText(plan.leftOut.length)}: ${idRanges(plan.leftOut)}`]),
  ];
  return lines.length === 0 ? undefined : [`${name}:`, ...lines.map((line) => `  ${line}`)].join("\n");
}
