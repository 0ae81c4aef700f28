import { compareRows, takesOut } from "./change.js";
import { type Finding, refuse } from "./finding.js";
import { guardRefusals, type Guards } from "./guards.js";
import { planRow } from "./planRow.js";
import { retirementOf } from "./retirement.js";
import { batchesOf, type Rows } from "./rollout/batches.js";
import type { RowPlan } from "./row/rowPlan.js";
import type { RowSituation, Seen } from "./situation.js";
import type { Observations, TableFinding, TablePlan, Tables } from "./tablePlan.js";

/** Plans all rows and applies the guards. Pure, so that a preview and an `up` make the same plan. */
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
  const guarded = guardRefusals(tables, { rows, leaving }, unfinished, guards).map((text): TableFinding => ({
    ...refuse(text),
    ids: [],
  }));
  const batches = batchesOf(inOrder(rows, log), lanes);
  return { rows, findings: [...guarded, ...findings.values()], leftOut, leaving, batches };
}

/** Rows of an interrupted run come before new changes, and so do rows without calls. */
function inOrder(rows: ReadonlyMap<string, RowPlan>, log: Observations["log"]): Rows {
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
