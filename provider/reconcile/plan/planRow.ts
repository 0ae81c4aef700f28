import type { TableChange } from "./change.js";
import * as finding from "./finding.js";
import type { Finding } from "./finding.js";
import { planArrival } from "./row/arrival.js";
import { planChange } from "./row/recorded.js";
import { planOrphan, planRemoval } from "./row/removal.js";
import { planRetired } from "./row/retired.js";
import type { RowPlan } from "./row/rowPlan.js";
import { shadowFindings } from "./row/settings.js";
import type { Step } from "./step.js";
import type { RowSituation } from "./situation.js";
import type { Kept } from "../table/packRotation.js";
import type { Row } from "../table/row.js";
import { keepsPresent } from "./credentials/generations.js";

/** Plans one row from its declaration, its record, the account and the journal. */
export function planRow(situation: RowSituation): RowPlan {
  const { declared, record } = situation;
  if (declared === undefined)
    return record === undefined ? planOrphan(situation) : planRemoval(situation, record);
  const retired = declared.retired === undefined ? undefined : planRetired(situation);
  if (retired !== undefined) return retired;
  const plan =
    record?.row === undefined
      ? planArrival(situation, declared)
      : planChange(situation, declared, record, record.row);
  const findings = [
    ...shadowFindings(plan, situation, declared.config),
    ...undeclaredFindings(plan, situation.table),
    ...keptValidityFindings(plan, situation, declared),
  ];
  return findings.length === 0 ? plan : { ...plan, findings: [...plan.findings, ...findings] };
}

/** A kept certificate of a CA that is not declared any more can't be activated: the next run would replace it at once. */
function undeclaredFindings({ steps }: RowPlan, { undeclared = [] }: TableChange): Finding[] {
  return undeclared.some((kept) => isRegistered(steps, kept)) ? [finding.refuse(finding.CA_UNDECLARED)] : [];
}

/** A kept credential is activated even if another validity is declared now, because the device may have it already. */
function keptValidityFindings(
  { steps }: RowPlan,
  { record, table: { otherValidity = [] } }: RowSituation,
  declared: Row,
): Finding[] {
  const waits = keepsPresent(record?.rotation, declared) && !steps.some(({ kind }) => kind === "next");
  const isMeant = (kept: Kept) => isRegistered(steps, kept) || (kept === "next" && waits);
  return otherValidity.some(isMeant) ? [finding.note(finding.KEPT_VALIDITY)] : [];
}

function isRegistered(steps: readonly Step[], kept: Kept): boolean {
  return steps.some((step) => "credential" in step && step.credential.kind === kept);
}
