import type { RowRecord } from "../../table/record.js";
import type { Row } from "../../table/row.js";
import { fieldsOf, type Field, type RowChange } from "../change.js";
import { renewedKey } from "../credentials/renewedKey.js";
import { generationsOf, rotationChangeOf } from "../credentials/generations.js";
import * as finding from "../finding.js";
import type { Finding } from "../finding.js";
import type { RowSituation } from "../situation.js";
import type { Step } from "../step.js";
import { credentialStep, freshCredential, nextSteps } from "./credentials.js";
import type { RowPlan } from "./rowPlan.js";
import { unreadSettings, formerConfig, settingSteps } from "./settings.js";

export function inPlace(
  { seen, log, renewal }: RowSituation,
  change: RowChange,
  declared: Row,
  record: RowRecord,
  before: Row,
): RowPlan {
  const fields = new Set(fieldsOf(change));
  const had = generationsOf(record, before);
  const rotation = before.way === declared.way ? rotationChangeOf(had, declared) : "none";
  const present = seen?.kind === "present" ? seen : undefined;
  const findings: Finding[] = [];
  const steps: Step[] = [...waySteps(before, declared, record)];
  const renewed =
    before.way === "attestation" && declared.way === "attestation"
      ? renewedKey(record, before, declared, renewal)
      : undefined;
  if (renewed !== undefined) {
    steps.push(...renewed.steps);
    findings.push(...renewed.findings);
  } else if (rotation === "lost") findings.push(finding.refuse(finding.LOST_GENERATION));
  else if (rotation === "same generation") findings.push(finding.refuse(finding.SAME_GENERATION));
  const credential = credentialStep(change, rotation, declared, record, log, fields, findings);
  if (credential !== undefined) steps.push(credential);
  steps.push(...nextSteps(declared, had, record, log));
  if (declared.way === "jitp" && before.way === "jitp") {
    const interrupted = log?.steps.includes("associate") === true;
    if (record.outcome.kind === "waiting" || fields.has("subType") || interrupted)
      steps.push({ kind: "associate" });
    if (fields.has("credential") && declared.issued) {
      findings.push(
        finding.refuse(
          "nRF Cloud issues no certificate for devices that are in the account. Remove `certificates`, or release the devices first.",
        ),
      );
    }
  }
  const uncertain = new Set<Field>(fields);
  if (log?.steps.includes("retag") === true) uncertain.add("tags");
  if (log?.steps.includes("rename") === true) uncertain.add("name");
  if (log?.steps.includes("configure") === true) uncertain.add("config");
  const former = formerConfig(before.config, log);
  if (present !== undefined && record.outcome.kind !== "waiting")
    steps.push(...settingSteps(present, declared, { keepsName: record.keepsName, uncertain, former }));
  else if (present === undefined) steps.push(...unreadSettings(declared, uncertain));
  const outcome = renewed?.outcome ?? outcomeOf(record, credential);
  if (declared.config !== undefined && present?.shadow?.kind === "not yet") {
    findings.push(finding.keep(finding.CONFIG_LATER));
    const isAll = steps.length === 0 && [...fields].every((field) => field === "config");
    if (isAll && record.outcome.kind === outcome)
      return { change: { kind: "same" }, steps, findings, then: "as it was", outcome };
  }
  const settled =
    change.kind === "same" &&
    steps.length === 0 &&
    record.outcome.kind === outcome &&
    renewed?.isNews !== true;
  if (!settled && change.kind === "same" && steps.length === 0 && renewed === undefined)
    findings.push(finding.note(finding.SETTLED));
  const resumes = credential?.credential.kind === "logged";
  return {
    change,
    steps,
    findings,
    then: resumes ? "logged" : settled ? "as it was" : "declared",
    outcome,
    ...(renewed === undefined ? {} : { key: renewed.then }),
  };
}

function outcomeOf(
  record: RowRecord,
  credential: (Step & { kind: "register" }) | undefined,
): "done" | "adopted" {
  return credential === undefined && record.outcome.kind === "adopted" ? "adopted" : "done";
}

/** Pre-connect and just-in-time devices are both devices of the device API, so the account keeps the device. */
function waySteps(before: Row, declared: Row, record: RowRecord): Step[] {
  if (before.way === declared.way || declared.way === "attestation") return [];
  const isThere = record.outcome.kind !== "waiting";
  if (declared.way === "jitp") return isThere ? [] : [{ kind: "associate" }];
  if (declared.credential.kind === "existing") return [];
  return [{ kind: isThere ? "register" : "onboard", credential: freshCredential(declared) }];
}
