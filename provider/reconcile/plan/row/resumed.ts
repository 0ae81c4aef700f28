import type { RowRecord } from "../../table/record.js";
import type { Row } from "../../table/row.js";
import { fieldsOf, compareRows } from "../change.js";
import { type RotationChange, rotationChangeOf } from "../credentials/generations.js";
import { recordedSource, resumedGenerations } from "../credentials/interrupted.js";
import * as finding from "../finding.js";
import type { Seen, Unfinished } from "../situation.js";
import type { CredentialSource, Step } from "../step.js";
import { freshCredential, isBrought, nextSteps } from "./credentials.js";
import type { RowPlan } from "./rowPlan.js";
import { renameAfterOnboard, settingSteps } from "./settings.js";

/** Plans a device that an interrupted run created: the state gets it with the credential of the journal. */
export function resume(
  seen: Seen & { kind: "present" },
  record: RowRecord | undefined,
  log: Unfinished,
  logged: Row,
  declared: Row,
): RowPlan {
  const change = compareRows(logged, declared);
  const findings = [finding.note(finding.RESUMED)];
  if (change.kind === "replace") {
    const steps: Step[] = [
      { kind: "delete" },
      { kind: "onboard", credential: freshCredential(declared) },
      ...renameAfterOnboard(declared),
    ];
    return { change, steps, findings, then: "declared", outcome: "done" };
  }
  const had = resumedGenerations(record, log, logged);
  const credential = credentialOf(declared, rotationChangeOf(had, declared), {
    isOther: fieldsOf(change).includes("credential"),
    isRecorded: recordedSource(record, log) === "recorded",
    registers: log.steps.includes("register"),
  });
  const steps: Step[] = [
    ...(credential === undefined ? [] : [{ kind: "register", credential } as const]),
    ...nextSteps(declared, had, record, log),
    ...(declared.way === "jitp" ? [{ kind: "associate" } as const] : []),
    ...settingSteps(seen, declared, { keepsName: false, former: logged.config }),
  ];
  return { change: { kind: "add", after: declared }, steps, findings, then: "logged", outcome: "done" };
}

/** The credential that must be registered in addition. `undefined`: the device has the declared one. */
function credentialOf(
  declared: Row,
  rotation: RotationChange,
  resumed: {
    /** The row asks for another credential than the interrupted run's. */
    readonly isOther: boolean;
    /** The device has the credential that the state has. */
    readonly isRecorded: boolean;
    /** The interrupted run began to register a credential. */
    readonly registers: boolean;
  },
): CredentialSource | undefined {
  if (resumed.isRecorded && rotation === "activate") return { kind: "next" };
  if (resumed.isRecorded && rotation === "return") return { kind: "previous" };
  const isRenewed = rotation === "renew" && declared.way === "preconnect";
  if (isRenewed || (resumed.isOther && rotation !== "issue")) return freshCredential(declared);
  if (!resumed.registers) return undefined;
  return { kind: isBrought(declared) ? "brought" : "logged" };
}
