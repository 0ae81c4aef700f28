import type { Row } from "../../table/row.js";
import type { RowChange } from "../change.js";
import * as say from "../finding.js";
import type { Seen, Unfinished } from "../situation.js";
import type { Step } from "../step.js";
import { arrivalCredential, isBrought } from "./credentials.js";
import type { RowPlan } from "./rowPlan.js";
import { settle } from "./settings.js";

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
    const findings = [say.refuse(say.OTHER_SUB_TYPE(seen.subType ?? "", wanted))];
    return { change, steps: [], findings, then: "declared", outcome: "adopted" };
  }
  const settled = settle(seen, declared, { keepsName: true });
  if (
    declared.way === "preconnect" &&
    declared.adopt === "recertify" &&
    declared.credential.kind !== "existing"
  ) {
    // An interrupted run may have registered its certificate already.
    const credential = arrivalCredential(declared, undefined, log, false);
    return {
      change,
      steps: [{ kind: "register", credential }, ...settled],
      findings: credential.kind === "logged" ? [say.note(say.RESUMED)] : [],
      then: "declared",
      outcome: "done",
    };
  }
  const brings = declared.way === "preconnect" && isBrought(declared);
  const findings = [say.note(brings ? say.ADOPTED_OTHER : say.ADOPTED)];
  const steps: Step[] = declared.way === "jitp" ? [{ kind: "associate" }, ...settled] : settled;
  return { change, steps, findings, then: "declared", outcome: "adopted" };
}
