import type { RowRecord } from "../table/record.js";
import { compareRows } from "./change.js";
import { retirementOf } from "./retirement.js";
import type { Tables } from "./tablePlan.js";

/** The ids of the rows whose plan depends on the account or the journal. */
export function idsToRead(tables: Tables, logged: Iterable<string>): string[] {
  const ids = new Set<string>();
  const { declared, unknown, recorded, tableOf, isDue, isChosen, now } = tables;
  for (const [id, row] of declared) {
    const record = recorded.get(id);
    const retirement = retirementOf(record, row, now);
    if (retirement?.kind === "deleted") continue;
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
