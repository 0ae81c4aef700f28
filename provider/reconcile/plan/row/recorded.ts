import type { RowRecord } from "../../table/record.js";
import type { Row } from "../../table/row.js";
import { compareRecord, type RowChange } from "../change.js";
import * as say from "../finding.js";
import type { RowSituation } from "../situation.js";
import type { CredentialSource, Step } from "../step.js";
import { adopt } from "./adopted.js";
import { isAnother } from "./another.js";
import { arrivalSteps, isOutdated, planArrival } from "./arrival.js";
import { isBrought } from "./credentials.js";
import { inPlace } from "./inPlace.js";
import { resume } from "./resumed.js";
import type { RowPlan } from "./rowPlan.js";
import { renameAfterOnboard } from "./settings.js";

function isRenewed(steps: readonly Step[]): boolean {
  return steps.some((step) => step.kind === "onboard" && step.credential.kind === "same key");
}

export function planChange(situation: RowSituation, declared: Row, record: RowRecord, before: Row): RowPlan {
  const { seen, log, table, renewalDue } = situation;
  const change = compareRecord(record, before, declared, table, renewalDue);
  if (seen?.kind === "hidden") {
    const findings = [say.keep(say.HIDDEN)];
    return { change: { kind: "same" }, steps: [], findings, then: "as it was", outcome: "hidden" };
  }
  if ((before.way === "attestation") !== (declared.way === "attestation"))
    return cross(situation, declared, before, change);
  const waits = record.outcome.kind === "waiting";
  // This stack has not claimed it, so that somebody else has.
  if (waits && seen?.kind === "present") return planArrival(situation, declared);
  if (seen?.kind === "absent" || (waits && seen?.kind !== "present")) {
    const steps = arrivalSteps(declared, record, log, isOutdated(situation));
    const shown: RowChange = waits ? change : { kind: "add", after: declared };
    return {
      change: shown,
      steps,
      findings: waits ? [] : [say.note(isRenewed(steps) ? say.GONE_RENEWED : say.GONE)],
      then: "declared",
      outcome: "done",
    };
  }
  if (seen?.kind === "present" && log?.verdict === "running" && seen.createdAt !== record.createdAt)
    return { change, steps: [], findings: [say.keep(say.UNDER_WAY)], then: "as it was", outcome: "done" };
  if (seen?.kind === "present" && isAnother(seen, record, log)) {
    if (declared.adopt !== "no") return adopt(seen, log, declared, { kind: "add", after: declared });
    return {
      change: { kind: "same" },
      steps: [],
      findings: [say.keep(say.REPLACED)],
      then: "as it was",
      outcome: "replaced",
    };
  }
  // The replacement was interrupted after it had created the new device.
  if (
    seen?.kind === "present" &&
    log?.verdict === "ours" &&
    log.row !== undefined &&
    seen.createdAt !== record.createdAt
  )
    return resume(seen, log, log.row, declared);
  if (change.kind === "replace") return replace(change, declared);
  return inPlace(situation, change, declared, record, before);
}

/** From a claim to the device itself or back: two things that the account keeps apart, and what was seen is of the way declared. */
function cross({ seen, log }: RowSituation, declared: Row, before: Row, change: RowChange): RowPlan {
  const findings = before.way === "attestation" ? [say.note(say.STAYS_CLAIMED)] : [];
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
  const credential: CredentialSource = isBrought(declared) ? { kind: "brought" } : { kind: "new" };
  const isKept = declared.way === "preconnect" && declared.credential.kind === "existing";
  if (isKept) {
    const findings = [
      say.refuse(
        "The provider can make this change only if it deletes these devices and onboards them again. That needs a credential, and the rows " +
          "declare none. Undo the change, or declare credentials.",
      ),
    ];
    return { change, steps: [], findings, then: "as it was", outcome: "adopted" };
  }
  return {
    change,
    steps: [{ kind: "delete" }, { kind: "onboard", credential }, ...renameAfterOnboard(declared)],
    findings: [],
    then: "declared",
    outcome: "done",
  };
}
