import type { RowRecord } from "../../table/record.js";
import type { Row } from "../../table/row.js";
import { compareRecord, type RowChange } from "../change.js";
import * as finding from "../finding.js";
import type { RowSituation } from "../situation.js";
import type { Step } from "../step.js";
import { adopt } from "./adopted.js";
import { isForeign } from "./foreign.js";
import { arrivalSteps, isOutdated, planArrival } from "./arrival.js";
import { freshCredential } from "./credentials.js";
import { inPlace } from "./inPlace.js";
import { resume } from "./resumed.js";
import { HIDDEN, type RowPlan, SAME, UNDER_WAY } from "./rowPlan.js";
import { renameAfterOnboard } from "./settings.js";

function isRenewed(steps: readonly Step[]): boolean {
  return steps.some((step) => step.kind === "onboard" && step.credential.kind === "same key");
}

export function planChange(situation: RowSituation, declared: Row, record: RowRecord, before: Row): RowPlan {
  const { seen, log, table, renewalDue } = situation;
  const change = compareRecord(record, before, declared, table, renewalDue);
  if (seen?.kind === "hidden") return HIDDEN;
  if ((before.way === "attestation") !== (declared.way === "attestation"))
    return changeWay(situation, declared, before, change);
  const waits = record.outcome.kind === "waiting";
  // This stack has not claimed the device yet, so somebody else has.
  if (waits && seen?.kind === "present") return planArrival(situation, declared);
  if (seen?.kind === "absent" || (waits && seen?.kind !== "present")) {
    const steps = arrivalSteps(declared, record, log, isOutdated(situation));
    const shown: RowChange = waits ? change : { kind: "add", after: declared };
    return {
      change: shown,
      steps,
      findings: waits ? [] : [finding.note(isRenewed(steps) ? finding.MISSING_RENEWED : finding.MISSING)],
      then: "declared",
      outcome: "done",
    };
  }
  if (seen?.kind === "present" && log?.verdict === "running" && seen.createdAt !== record.createdAt)
    return { ...UNDER_WAY, change };
  if (seen?.kind === "present" && isForeign(seen, record, log)) {
    if (declared.adopt !== "no") return adopt(seen, log, declared, { kind: "add", after: declared });
    return { ...SAME, findings: [finding.keep(finding.REPLACED)], outcome: "replaced" };
  }
  // An interrupted run replaced the device, and the state does not have the new one.
  if (
    seen?.kind === "present" &&
    log?.verdict === "ours" &&
    log.row !== undefined &&
    seen.createdAt !== record.createdAt
  )
    return resume(seen, record, log, log.row, declared);
  if (change.kind === "replace") return replace(change, declared);
  return inPlace(situation, change, declared, record, before);
}

/** From an attestation claim to a device, or back. The account keeps them apart, and `seen` is of the declared way. */
function changeWay({ seen, log }: RowSituation, declared: Row, before: Row, change: RowChange): RowPlan {
  const findings = before.way === "attestation" ? [finding.note(finding.STAYS_CLAIMED)] : [];
  if (seen?.kind !== "present") {
    const steps = arrivalSteps(declared, undefined, log, false);
    return { change, steps, findings, then: "declared", outcome: "done" };
  }
  const adopted = adopt(
    seen,
    log,
    declared.adopt === "no" ? { ...declared, adopt: "keep" } : declared,
    change,
  );
  return { ...adopted, findings: [...findings, ...adopted.findings] };
}

function replace(change: RowChange, declared: Row): RowPlan {
  const isKept = declared.way === "preconnect" && declared.credential.kind === "existing";
  if (isKept) {
    const findings = [
      finding.refuse(
        "The provider can make this change only if it deletes these devices and onboards them again. That needs a credential, and the rows " +
          "declare none. Undo the change, or declare credentials.",
      ),
    ];
    return { change, steps: [], findings, then: "as it was", outcome: "adopted" };
  }
  return {
    change,
    steps: [
      { kind: "delete" },
      { kind: "onboard", credential: freshCredential(declared) },
      ...renameAfterOnboard(declared),
    ],
    findings: [],
    then: "declared",
    outcome: "done",
  };
}
