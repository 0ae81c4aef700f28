import type { RowRecord } from "../../table/record.js";
import type { PreconnectRow, Row } from "../../table/row.js";
import { type Field, isSigned, type RowChange, sameCredential } from "../change.js";
import { generationsOf, type Turn, turnOf } from "../credentials/turn.js";
import * as say from "../finding.js";
import type { Finding } from "../finding.js";
import type { LoggedCredential, Unfinished } from "../situation.js";
import type { CredentialSource, Step } from "../step.js";

/** A key that was made for the row already is used, as the device may have been flashed with it. */
export function arrivalCredential(
  declared: PreconnectRow,
  record: RowRecord | undefined,
  log: Unfinished | undefined,
  outdated: boolean,
): CredentialSource {
  if (!isSigned(declared.credential)) return { kind: "brought" };
  if (log?.credential?.certificate !== undefined && isOfSameOrder(log.row, declared))
    return { kind: "logged" };
  const turn = turnOf(record && generationsOf(record, record.row ?? declared), declared);
  if (turn === "activate") return { kind: "next" };
  if (turn === "return") return { kind: "previous" };
  const isKept = isOfSameOrder(record?.row ?? declared, declared) || turn === "issue";
  if (record?.certificate !== undefined && isKept && turn !== "renew")
    return { kind: outdated && turn === "none" ? "same key" : "recorded" };
  return { kind: "new" };
}

/** Makes the next credential, where the row asks for one; what an interrupted run made is used. */
export function nextSteps(declared: Row, record: RowRecord | undefined, log: Unfinished | undefined): Step[] {
  if (declared.way !== "preconnect" || record === undefined) return [];
  if (turnOf(generationsOf(record, record.row), declared) !== "issue") return [];
  return [{ kind: "next", credential: { kind: loggedNext(log, declared) === undefined ? "new" : "logged" } }];
}

/** A credential that an interrupted run made for what is the next one now. */
export function loggedNext(
  log: Unfinished | undefined,
  declared: PreconnectRow,
): LoggedCredential | undefined {
  if (!isOfSameOrder(log?.row, declared)) return undefined;
  return [log?.next, log?.credential].find((each) => each?.certificate !== undefined);
}

/** Whether a credential that was made for one row is what the other asks for. */
function isOfSameOrder(one: Row | undefined, other: PreconnectRow): boolean {
  return one?.way === "preconnect" && sameCredential(one, other);
}

/** What registers another credential, finishes an interrupted registration, or undoes one. */
export function credentialStep(
  change: RowChange,
  turn: Turn,
  declared: Row,
  record: RowRecord,
  log: Unfinished | undefined,
  fields: ReadonlySet<Field>,
  findings: Finding[],
): (Step & { kind: "register" }) | undefined {
  if (declared.way !== "preconnect" || fields.has("via")) return undefined;
  if (turn === "activate") return { kind: "register", credential: { kind: "next" } };
  if (turn === "return") return { kind: "register", credential: { kind: "previous" } };
  const interrupted = log?.steps.includes("register") === true ? log : undefined;
  const recertified = change.kind === "update" && fields.has("adopt") && declared.adopt === "recertify";
  const another =
    (fields.has("credential") && declared.credential.kind !== "existing") || recertified || turn === "renew";
  const sameKey = fields.has("ca") || fields.has("validity") || fields.has("renewal");
  if (another || sameKey) {
    if (isBrought(declared)) return { kind: "register", credential: { kind: "brought" } };
    if (interrupted?.credential?.certificate !== undefined && isOfSameOrder(interrupted.row, declared)) {
      findings.push(say.note(say.RESUMED));
      return { kind: "register", credential: { kind: "logged" } };
    }
    const keepsKey = !another && record.privateKey !== undefined;
    return { kind: "register", credential: { kind: keepsKey ? "same key" : "new" } };
  }
  if (interrupted === undefined || declared.credential.kind === "existing") return undefined;
  if (isBrought(declared)) return { kind: "register", credential: { kind: "brought" } };
  if (record.certificate === undefined) return undefined;
  findings.push(say.note(say.RESTORED));
  return { kind: "register", credential: { kind: "recorded" } };
}

export function isBrought(row: Row): boolean {
  return (
    row.way === "preconnect" && (row.credential.kind === "certificate" || row.credential.kind === "publicKey")
  );
}
