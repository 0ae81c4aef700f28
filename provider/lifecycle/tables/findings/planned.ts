import type { TableFinding, TablePlan } from "../../../reconcile/plan/tablePlan.js";
import type { Cloud, Session } from "../../session/session.js";
import type { DeclaredTable, RecordedTable } from "../table.js";
import { caRotationFindings } from "./caRotation.js";
import { issueFindings } from "./issuing.js";
import { onboardingFindings } from "./onboarding.js";
import { policyFindings } from "./policy/policy.js";
import { retiredFindings } from "./rotation.js";

/**
 * Findings of a plan beyond its rows. A preview and an apply use the same, so that an apply refuses only what its preview has refused.
 * @param cloud `undefined` in a preview without an API key
 */
export function plannedFindings(
  session: Session,
  cloud: Cloud | undefined,
  table: DeclaredTable,
  state: RecordedTable,
  plan: TablePlan,
): TableFinding[] {
  return [
    ...caRotationFindings(table, state, plan),
    ...retiredFindings(table, state, plan),
    ...issueFindings(session, cloud, table, state, plan),
    ...policyFindings(session, table, state, plan),
    ...(cloud === undefined ? [] : onboardingFindings(cloud, table, plan)),
  ];
}
