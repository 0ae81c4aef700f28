import { isSince, lastReports } from "../../../cloud/devices.js";
import type { Field } from "../../../reconcile/plan/change.js";
import { generationsOf, orderedBy } from "../../../reconcile/plan/credentials/turn.js";
import { note, REPORTED, RETIRED_KEEPS_CREDENTIAL, SILENT } from "../../../reconcile/plan/finding.js";
import type { TableFinding, TablePlan } from "../../../reconcile/plan/tablePlan.js";
import type { Cloud } from "../../session/session.js";
import type { DeclaredTable, RecordedTable } from "../table.js";

/** Where devices rotate, that the retired ones of the same generation do not: what is taken out of use needs no other credential. */
export function retiredFindings(
  { declared }: Pick<DeclaredTable, "declared">,
  { records }: Pick<RecordedTable, "records">,
  { rows }: Pick<TablePlan, "rows">,
): TableFinding[] {
  const rotates = [...rows.values()].some(
    ({ change }) => change.kind === "update" && change.fields.some((field) => TURNS.has(field)),
  );
  if (!rotates) return [];
  const ids = [...declared].flatMap(([id, row]) => {
    const generation = orderedBy(row)?.rotation.generation;
    const had = generationsOf(records.get(id), records.get(id)?.row)?.generation;
    const isLeftOut = row.retired !== undefined && had !== undefined && generation !== undefined;
    return isLeftOut && generation !== had ? [id] : [];
  });
  return ids.length === 0 ? [] : [{ ...note(RETIRED_KEEPS_CREDENTIAL), ids }];
}

const TURNS: ReadonlySet<Field> = new Set(["rotation", "next", "activation", "return"]);

/**
 * Which devices reported to nRF Cloud since their next credential was issued, or since the one that is to be the only one was activated:
 * by the times in their shadows. Whether a device has its new credential, nRF Cloud can't tell before it is activated.
 */
export async function rotationFindings(
  { transport }: Pick<Cloud, "transport">,
  { records }: Pick<RecordedTable, "records">,
  { rows }: Pick<TablePlan, "rows">,
): Promise<TableFinding[]> {
  const since = new Map<string, string>();
  for (const [id, { change }] of rows) {
    const at = records.get(id)?.rotation?.at;
    const isTurn =
      change.kind === "update" && change.fields.some((field) => field === "activation" || field === "drop");
    if (isTurn && at !== undefined && !Number.isNaN(Date.parse(at))) since.set(id, at);
  }
  if (since.size === 0) return [];
  const reported = await lastReports(transport, [...since.keys()]);
  const heard: string[] = [];
  const silent: string[] = [];
  for (const [id, at] of since) {
    (isSince(reported.get(id), at) ? heard : silent).push(id);
  }
  const findings: TableFinding[] = [];
  if (heard.length > 0) findings.push({ ...note(REPORTED), ids: heard });
  if (silent.length > 0) findings.push({ ...note(SILENT), ids: silent });
  return findings;
}
