import type { Row } from "../../table/row.js";
import { fieldsOf, compareRows } from "../change.js";
import { generationsOf, rotationChangeOf } from "../credentials/generations.js";
import * as finding from "../finding.js";
import type { Seen, Unfinished } from "../situation.js";
import type { CredentialSource, Step } from "../step.js";
import { isBrought } from "./credentials.js";
import type { RowPlan } from "./rowPlan.js";
import { renameAfterOnboard, settingSteps } from "./settings.js";

/** Plans a device that an interrupted run created: the state gets it with the credential of the journal. */
export function resume(
  seen: Seen & { kind: "present" },
  log: Unfinished,
  logged: Row,
  declared: Row,
): RowPlan {
  const change = compareRows(logged, declared);
  const findings = [finding.note(finding.RESUMED)];
  if (change.kind === "replace") {
    const credential: CredentialSource = isBrought(declared) ? { kind: "brought" } : { kind: "new" };
    const steps: Step[] = [
      { kind: "delete" },
      { kind: "onboard", credential },
      ...renameAfterOnboard(declared),
    ];
    return { change, steps, findings, then: "declared", outcome: "done" };
  }
  const steps: Step[] = [];
  const rotation = rotationChangeOf(generationsOf(undefined, logged), declared);
  if (fieldsOf(change).includes("credential") && rotation !== "issue") {
    steps.push({ kind: "register", credential: isBrought(declared) ? { kind: "brought" } : { kind: "new" } });
  } else if (rotation === "renew" && declared.way === "preconnect") {
    steps.push({ kind: "register", credential: { kind: "new" } });
  } else if (log.steps.includes("register")) {
    steps.push({ kind: "register", credential: { kind: isBrought(declared) ? "brought" : "logged" } });
  }
  if (declared.way === "jitp") steps.push({ kind: "associate" });
  steps.push(...settingSteps(seen, declared, { keepsName: false, former: logged.config }));
  return { change: { kind: "add", after: declared }, steps, findings, then: "logged", outcome: "done" };
}
