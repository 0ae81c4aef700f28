import type { TableFinding, TablePlan } from "../../../../reconcile/plan/tablePlan.js";
import type { Session } from "../../../session/session.js";
import type { DeclaredTable, RecordedTable } from "../../table.js";
import { judgedRows } from "./judgedRow.js";
import { keyFindings } from "./keys.js";
import { remainingFindings } from "./remaining.js";
import { validityFindings } from "./validity.js";

/** Certificates that would violate the policy after a plan. Rows that were not chosen are left out, because this run can't change them. */
export function policyFindings(
  { clock }: Pick<Session, "clock">,
  table: DeclaredTable,
  state: Pick<RecordedTable, "records" | "materials">,
  plan: Pick<TablePlan, "rows">,
): TableFinding[] {
  const { policy } = table;
  if (policy === undefined) return [];
  const rows = judgedRows(table, state, plan);
  return [
    ...validityFindings(table, policy.maxValidity, rows),
    ...remainingFindings(table, policy.minRemaining, rows, clock.now()),
    ...(policy.keyReuse ? [] : keyFindings(table, rows)),
  ];
}
