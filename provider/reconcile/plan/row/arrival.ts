import type { RowRecord } from "../../table/record.js";
import type { Row } from "../../table/row.js";
import type { RowChange } from "../change.js";
import { generationsOf } from "../credentials/generations.js";
import * as finding from "../finding.js";
import type { RowSituation, Unfinished } from "../situation.js";
import type { Step } from "../step.js";
import { adopt } from "./adopted.js";
import { arrivalCredential, nextSteps } from "./credentials.js";
import { resume } from "./resumed.js";
import { type RowPlan, UNDER_WAY } from "./rowPlan.js";

/** Plans a row that is declared, and that the state does not have. */
export function planArrival(situation: RowSituation, declared: Row): RowPlan {
  const { seen, log, record } = situation;
  const change: RowChange = { kind: "add", after: declared };
  if (seen?.kind !== "present") {
    if (declared.way === "preconnect" && declared.credential.kind === "existing") {
      const findings = seen === undefined ? [] : [finding.refuse(finding.NOT_THERE)];
      return { change, steps: [], findings, then: "declared", outcome: "adopted" };
    }
    const wasIssued =
      declared.way === "jitp" &&
      record?.privateKey === undefined &&
      log?.credential?.privateKey !== undefined;
    return {
      change,
      steps: arrivalSteps(declared, record, log, isOutdated(situation)),
      findings: [],
      then: wasIssued ? "logged" : "declared",
      outcome: "done",
    };
  }
  if (log?.verdict === "ours" && log.row !== undefined) return resume(seen, record, log, log.row, declared);
  if (log?.verdict === "running") return { ...UNDER_WAY, change };
  if (declared.adopt === "no") {
    const taken = declared.way === "preconnect" ? finding.TAKEN : finding.CLAIMED;
    const findings = [finding.refuse(log?.verdict === "doubt" ? `${taken}\n${finding.DOUBT}` : taken)];
    return { change, steps: [], findings, then: "declared", outcome: "done" };
  }
  return adopt(seen, log, declared, change);
}

export function arrivalSteps(
  declared: Row,
  record: RowRecord | undefined,
  log: Unfinished | undefined,
  outdated: boolean,
): Step[] {
  switch (declared.way) {
    case "preconnect":
      return [
        { kind: "onboard", credential: arrivalCredential(declared, record, log, outdated) },
        ...nextSteps(declared, record && generationsOf(record, record.row), record, log),
        ...(declared.name === undefined ? [] : [{ kind: "rename" } as const]),
      ];
    case "jitp": {
      const issued = record?.privateKey !== undefined || log?.credential?.privateKey !== undefined;
      return [...(declared.issued && !issued ? [{ kind: "issue" } as const] : []), { kind: "associate" }];
    }
    case "attestation":
      return [{ kind: "claim" }];
  }
}

/** Whether the recorded certificate must be replaced before the device is onboarded again. */
export function isOutdated({ table, renewalDue }: RowSituation): boolean {
  return table.ca || table.validity || renewalDue;
}
