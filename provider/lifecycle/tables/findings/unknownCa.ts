import { isUnknown } from "../../../engine/unknown.js";
import { note } from "../../../reconcile/plan/finding.js";
import type { TableFinding } from "../../../reconcile/plan/tablePlan.js";
import type { DeclaredTable, RecordedTable } from "../table.js";

/**
 * In a preview the CA may not be known yet. The resource of the CA says whether it will be replaced. This finding says what that means for
 * devices.
 */
export function caFindings(
  { ca }: Pick<DeclaredTable, "ca">,
  { records }: Pick<RecordedTable, "records">,
): TableFinding[] {
  if (!isUnknown(ca)) return [];
  const ids = [...records].flatMap(([id, { issuedWith }]) => (issuedWith === undefined ? [] : [id]));
  if (ids.length === 0) return [];
  const text =
    "The CA is not known before `up`. If it is replaced, these devices get new certificates for their keys. They can't connect before " +
    "they have them.";
  return [{ ...note(text), ids }];
}
