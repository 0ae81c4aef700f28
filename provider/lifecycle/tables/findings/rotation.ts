import { isSince, lastReports } from "../../../cloud/devices.js";
import type { Field } from "../../../reconcile/plan/change.js";
import { generationsOf, orderedBy } from "../../../reconcile/plan/credentials/generations.js";
import { note, REPORTED, RETIRED_KEEPS_CREDENTIAL, SILENT } from "../../../reconcile/plan/finding.js";
import type { TableFinding, TablePlan } from "../../../reconcile/plan/tablePlan.js";
import type { Cloud } from "../../session/session.js";
import type { DeclaredTable, RecordedTable } from "../table.js";

/** Says that retired devices are left out of a rotation, because they need no other credential. */
export function retiredFindings(
  { declared }: Pick<DeclaredTable, "declared">,
  { records }: Pick<RecordedTable, "records">,
  { rows }: Pick<TablePlan, "rows">,
): TableFinding[] {
  const rotates = [...rows.values()].some(
    ({ change }) => change.kind === "update" && change.fields.some((field) => ROTATING.has(field)),
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

const ROTATING: ReadonlySet<Field> = new Set(["rotation", "next", "activation", "return"]);

/**
 * Says which devices have reported to nRF Cloud since the last phase of their rotation, by the times in their shadows. nRF Cloud can't say
 * whether a device has its new credential before it is activated.
 */
export async function rotationFindings(
  { transport }: Pick<Cloud, "transport">,
  { records }: Pick<RecordedTable, "records">,
  { rows }: Pick<TablePlan, "rows">,
): Promise<TableFinding[]> {
  const since = new Map<string, string>();
  for (const [id, { change }] of rows) {
    const at = records.get(id)?.rotation?.at;
    const isRotated =
      change.kind === "update" && change.fields.some((field) => field === "activation" || field === "drop");
    if (isRotated && at !== undefined && !Number.isNaN(Date.parse(at))) since.set(id, at);
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
