import type { Row } from "../../table/row.js";
import type { RowChange } from "../change.js";
import * as finding from "../finding.js";
import type { Seen, Unfinished } from "../situation.js";
import type { Step } from "../step.js";
import { arrivalCredential, isBrought } from "./credentials.js";
import type { RowPlan } from "./rowPlan.js";
import { settingSteps } from "./settings.js";

export function adopt(
  seen: Seen & { kind: "present" },
  log: Unfinished | undefined,
  declared: Row,
  shown: RowChange,
): RowPlan {
  const change: RowChange = shown.kind === "add" ? { ...shown, adopted: true } : shown;
  const wanted = declared.way === "attestation" ? undefined : declared.subType;
  const isOther = declared.way === "preconnect" && wanted !== undefined && wanted !== seen.subType;
  if (isOther) {
    const findings = [finding.refuse(finding.OTHER_SUB_TYPE(seen.subType ?? "", wanted))];
    return { change, steps: [], findings, then: "declared", outcome: "adopted" };
  }
  const settled = settingSteps(seen, declared, { keepsName: true });
  if (
    declared.way === "preconnect" &&
    declared.adopt === "recertify" &&
    declared.credential.kind !== "existing"
  ) {
    // An interrupted run may have registered the certificate that the journal has.
    const credential = arrivalCredential(declared, undefined, log, false);
    return {
      change,
      steps: [{ kind: "register", credential }, ...settled],
      findings: credential.kind === "logged" ? [finding.note(finding.RESUMED)] : [],
      then: "declared",
      outcome: "done",
    };
  }
  const brings = declared.way === "preconnect" && isBrought(declared);
  const findings = [finding.note(brings ? finding.ADOPTED_OTHER : finding.ADOPTED)];
  const steps: Step[] = declared.way === "jitp" ? [{ kind: "associate" }, ...settled] : settled;
  return { change, steps, findings, then: "declared", outcome: "adopted" };
}
