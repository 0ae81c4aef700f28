import type { RowRecord } from "../../table/record.js";
import type { PreconnectRow, Row } from "../../table/row.js";
import { type Field, isSigned, type RowChange, sameCredential } from "../change.js";
import {
  type Generations,
  generationsOf,
  keepsPresent,
  type RotationChange,
  rotationChangeOf,
} from "../credentials/generations.js";
import { recordedSource } from "../credentials/interrupted.js";
import * as finding from "../finding.js";
import type { Finding } from "../finding.js";
import type { LoggedCredential, Unfinished } from "../situation.js";
import type { CredentialSource, Step } from "../step.js";

/** Uses a key that exists for the row already, because the device may have been flashed with it. */
export function arrivalCredential(
  declared: PreconnectRow,
  record: RowRecord | undefined,
  log: Unfinished | undefined,
  outdated: boolean,
): CredentialSource {
  if (!isSigned(declared.credential)) return { kind: "brought" };
  if (log?.credential?.certificate !== undefined && isOfSameOrder(log.row, declared))
    return { kind: "logged" };
  const had = record && generationsOf(record, record.row ?? declared);
  const rotation = rotationChangeOf(had, declared);
  if (rotation === "activate") return { kind: "next" };
  if (rotation === "return") return { kind: "previous" };
  const isKept = isOfSameOrder(record?.row ?? declared, declared) || rotation === "issue";
  if (record?.certificate !== undefined && isKept && rotation !== "renew")
    return { kind: outdated && !keepsPresent(had, declared) ? "same key" : "recorded" };
  return { kind: "new" };
}

/**
 * Issues the next credential, or takes the one that an interrupted run issued.
 * @param had the generations that the device has
 */
export function nextSteps(
  declared: Row,
  had: Generations | undefined,
  record: RowRecord | undefined,
  log: Unfinished | undefined,
): Step[] {
  if (declared.way !== "preconnect" || rotationChangeOf(had, declared) !== "issue") return [];
  const logged = loggedNext(log, declared, record);
  return [{ kind: "next", credential: { kind: logged === undefined ? "new" : "logged" } }];
}

/** A credential of an interrupted run that can be the next one now. */
export function loggedNext(
  log: Unfinished | undefined,
  declared: PreconnectRow,
  record: RowRecord | undefined,
): LoggedCredential | undefined {
  if (!isOfSameOrder(log?.row, declared)) return undefined;
  // The run may have sent a credential that the state has, and that is of another generation than its row.
  const sent = recordedSource(record, log) === undefined ? log?.credential : undefined;
  return [log?.next, sent].find((each) => each?.certificate !== undefined);
}

/** Whether a credential for one row fits the other. */
function isOfSameOrder(one: Row | undefined, other: PreconnectRow): boolean {
  return one?.way === "preconnect" && sameCredential(one, other);
}

/** The step that registers another credential, or that resumes or reverts the registration of an interrupted run. */
export function credentialStep(
  change: RowChange,
  rotation: RotationChange,
  declared: Row,
  record: RowRecord,
  log: Unfinished | undefined,
  fields: ReadonlySet<Field>,
  findings: Finding[],
): (Step & { kind: "register" }) | undefined {
  if (declared.way !== "preconnect" || fields.has("via")) return undefined;
  if (rotation === "activate") return { kind: "register", credential: { kind: "next" } };
  if (rotation === "return") return { kind: "register", credential: { kind: "previous" } };
  const interrupted = log?.steps.includes("register") === true ? log : undefined;
  const recertified = change.kind === "update" && fields.has("adopt") && declared.adopt === "recertify";
  const another =
    (fields.has("credential") && declared.credential.kind !== "existing") ||
    recertified ||
    rotation === "renew";
  const sameKey = fields.has("ca") || fields.has("validity") || fields.has("renewal");
  if (another || sameKey) {
    if (isBrought(declared)) return { kind: "register", credential: { kind: "brought" } };
    if (interrupted?.credential?.certificate !== undefined && isOfSameOrder(interrupted.row, declared)) {
      findings.push(finding.note(finding.RESUMED));
      return { kind: "register", credential: { kind: "logged" } };
    }
    const keepsKey = !another && record.privateKey !== undefined;
    return { kind: "register", credential: { kind: keepsKey ? "same key" : "new" } };
  }
  if (interrupted === undefined || declared.credential.kind === "existing") return undefined;
  if (isBrought(declared)) return { kind: "register", credential: { kind: "brought" } };
  if (record.certificate === undefined) return undefined;
  findings.push(finding.note(finding.RESTORED));
  return { kind: "register", credential: { kind: "recorded" } };
}

/** The credential of a device that keeps none of those it had. */
export function freshCredential(declared: Row): CredentialSource {
  return { kind: isBrought(declared) ? "brought" : "new" };
}

export function isBrought(row: Row): boolean {
  return (
    row.way === "preconnect" && (row.credential.kind === "certificate" || row.credential.kind === "publicKey")
  );
}
