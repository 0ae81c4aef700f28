import { sameConfig } from "../../fleet/config.js";
import { sameMembers } from "../table/members.js";
import type { Kept } from "../table/packRotation.js";
import type { RowRecord } from "../table/record.js";
import type { PreconnectRow, Row, RowCredential } from "../table/row.js";
import {
  generationsOf,
  keepsPresent,
  orderedBy,
  orderOf,
  rotationChangeOf,
  type Generations,
  type RotationChange,
} from "./credentials/generations.js";

/**
 * The parts of a row that can differ. `ca` and `validity` belong to the whole table. Of a rotation: `rotation` issues and registers a
 * credential at once, `next` issues one, `activation` and `return` register a kept one, `drop` deletes the kept ones from the state, and
 * `phase` changes nothing yet.
 */
export type Field =
  | "via"
  | "subType"
  | "firmwareTypes"
  | "credential"
  | "ca"
  | "validity"
  | "renewal"
  | "rotation"
  | "next"
  | "activation"
  | "return"
  | "drop"
  | "phase"
  | "name"
  | "tags"
  | "config"
  | "unclaim"
  | "securityTag"
  | "adopt"
  | "protect"
  | "retired"
  | "wait";

/** The difference between a declared and a recorded row. */
export type RowChange =
  | { readonly kind: "same" }
  /** `adopted`: the account has the device already. */
  | { readonly kind: "add"; readonly after: Row; readonly adopted?: true }
  /** The device is updated in place. */
  | { readonly kind: "update"; readonly before: Row; readonly after: Row; readonly fields: readonly Field[] }
  /** The device is deleted and onboarded again, because nRF Cloud can't change these fields. */
  | { readonly kind: "replace"; readonly before: Row; readonly after: Row; readonly fields: readonly Field[] }
  /** The row is not declared any more. */
  | { readonly kind: "remove"; readonly before: Row };

/** A change of the table that changes the certificates of its rows. */
export interface TableChange {
  readonly ca: boolean;
  readonly validity: boolean;
  /** The kept credentials that a CA signed which is not declared any more. */
  readonly undeclared?: readonly Kept[];
  /** Which kept credentials were issued for another validity than is declared. */
  readonly otherValidity?: readonly Kept[];
}

export const NO_TABLE_CHANGE: TableChange = { ca: false, validity: false };

/** Compares a recorded row with the declared one. */
export function compareRows(
  before: Row | undefined,
  after: Row | undefined,
  table: TableChange = NO_TABLE_CHANGE,
): RowChange {
  if (before === undefined) return after === undefined ? { kind: "same" } : { kind: "add", after };
  if (after === undefined) return { kind: "remove", before };
  const fixed = fixedFields(before, after);
  if (fixed.length > 0) return { kind: "replace", before, after, fields: fixed };
  const fields = changedFields(before, after, table);
  return fields.length === 0 ? { kind: "same" } : { kind: "update", before, after, fields };
}

/** The part of a record that is compared. */
export interface ComparedRecord extends Pick<RowRecord, "outcome"> {
  readonly rotation?: Generations | undefined;
}

/**
 * Compares a recorded row with the declared one, with its rotation and renewal.
 * @param renewalDue whether its certificate must be renewed now
 */
export function compareRecord(
  record: ComparedRecord,
  before: Row,
  after: Row,
  table: TableChange,
  renewalDue: boolean,
): RowChange {
  const change = withoutOthersKeys(compareRows(before, after, table), record);
  if (change.kind === "replace") return change;
  const generations = generationsOf(record, before);
  const rows = change.kind === "update" ? change.fields : [];
  const held = keepsPresent(generations, after);
  const rotated = before.way === after.way ? rotationFields(generations, after) : [];
  const isRotated = rotated.some((field) => field !== "drop");
  const isOther = before.way === after.way && rows.includes("phase") && rotated.length === 0;
  const fields: Field[] = [
    ...rotated,
    ...(isOther ? (["phase"] as const) : []),
    ...rows.filter(
      (field) =>
        field !== "phase" &&
        !(isRotated && ["credential", "ca", "validity"].includes(field)) &&
        !(held && ["credential", "ca", "validity"].includes(field)),
    ),
    ...(renewalDue && after.retired === undefined && !held && !isRotated ? (["renewal"] as const) : []),
  ];
  // The change of the CA or the validity has an effect only when the next credential is activated.
  const isSame = held && fields.length === 0 && compareRows(before, after).kind === "same";
  if (fields.length === 0 && change.kind === "same") return change;
  return isSame ? { kind: "same" } : { kind: "update", before, after, fields };
}

const ROTATION_FIELDS: Readonly<Record<RotationChange, readonly Field[]>> = {
  none: [],
  issue: ["next"],
  activate: ["activation"],
  return: ["return"],
  renew: ["rotation"],
  lost: ["phase"],
  "same generation": ["phase"],
};

function rotationFields(generations: Generations | undefined, after: Row): readonly Field[] {
  const isDone = orderedBy(after)?.rotation.phase === "done";
  const keeps = generations?.next !== undefined || generations?.previous !== undefined;
  return [
    ...ROTATION_FIELDS[rotationChangeOf(generations, after)],
    ...(isDone && keeps ? (["drop"] as const) : []),
  ];
}

/** An adopted device keeps its certificate until its row declares `adopt: recertify`. */
function withoutOthersKeys(change: RowChange, { outcome }: ComparedRecord): RowChange {
  if (change.kind !== "update" || outcome.kind !== "adopted") return change;
  const { after } = change;
  const isIssued = after.way === "preconnect" && isSigned(after.credential);
  if (!isIssued || after.adopt === "recertify") return change;
  const fields = change.fields.filter((field) => !["credential", "ca", "validity"].includes(field));
  return { ...change, fields };
}

/** The fields of an onboarded device that nRF Cloud can't change. */
function fixedFields(before: Row, after: Row): Field[] {
  if (before.way !== "preconnect" || after.way !== "preconnect") return [];
  const fields: Field[] = [];
  if (before.subType !== after.subType) fields.push("subType");
  if (!sameMembers(before.firmwareTypes, after.firmwareTypes)) fields.push("firmwareTypes");
  // nRF Cloud can't replace a certificate by a public key, nor a public key by a certificate.
  const known = before.credential.kind !== "existing" && after.credential.kind !== "existing";
  if (known && (before.credential.kind === "publicKey") !== (after.credential.kind === "publicKey"))
    fields.push("credential");
  return fields;
}

function changedFields(before: Row, after: Row, table: TableChange): Field[] {
  const fields: Field[] = [];
  if (before.way !== after.way) fields.push("via");
  if (before.way === "preconnect" && after.way === "preconnect") {
    if (orderOf(before.credential) !== orderOf(after.credential)) fields.push("credential");
    else if (isSigned(after.credential) && after.retired === undefined) {
      if (table.ca) fields.push("ca");
      if (table.validity) fields.push("validity");
    }
  }
  if (!sameRotation(before, after)) fields.push("phase");
  if (before.way === "jitp" && after.way === "jitp") {
    if (before.subType !== after.subType) fields.push("subType");
    if (before.issued !== after.issued) fields.push("credential");
    if (before.waitSeconds !== after.waitSeconds || before.pending !== after.pending) fields.push("wait");
  }
  if (before.way === "attestation" && after.way === "attestation") {
    if (before.unclaim !== after.unclaim) fields.push("unclaim");
    if (before.securityTag !== after.securityTag) fields.push("securityTag");
  }
  if (before.way !== "attestation" && after.way !== "attestation" && before.name !== after.name)
    fields.push("name");
  if (!sameMembers(before.tags, after.tags)) fields.push("tags");
  if (!sameConfig(before.config, after.config)) fields.push("config");
  if (before.adopt !== after.adopt) fields.push("adopt");
  if (before.protect !== after.protect) fields.push("protect");
  if (before.retired?.text !== after.retired?.text) fields.push("retired");
  return fields;
}

/** Whether the CA of the table signs the certificate. */
export function isSigned(credential: RowCredential): boolean {
  return credential.kind === "issue" || credential.kind === "csr";
}

/** Whether two rows ask for the same credential, of the same generation. */
export function sameCredential(one: PreconnectRow, other: PreconnectRow): boolean {
  return (
    orderOf(one.credential) === orderOf(other.credential) &&
    orderedBy(one)?.rotation.generation === orderedBy(other)?.rotation.generation
  );
}

/** Whether two rows declare the same generation and phase. A row that brings its credential has no rotation. */
function sameRotation(before: Row, after: Row): boolean {
  const [one, other] = [orderedBy(before)?.rotation, orderedBy(after)?.rotation];
  if (one === undefined || other === undefined) return true;
  return one.generation === other.generation && one.phase === other.phase;
}

/** Whether the change deletes or releases the device, even if it then creates it again. */
export function takesOut(change: RowChange): boolean {
  if (change.kind === "replace") return true;
  if (change.kind !== "remove") return false;
  return change.before.way !== "attestation" || change.before.unclaim;
}

export function fieldsOf(change: RowChange): readonly Field[] {
  return change.kind === "update" || change.kind === "replace" ? change.fields : [];
}
