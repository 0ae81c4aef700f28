import type { RowRecord } from "../../provider/reconcile/table/record.js";
import { FIRST_GENERATION } from "../../provider/fleet/rotation.js";
import { retirementOf } from "../../provider/reconcile/plan/retirement.js";
import { orderOf } from "../../provider/reconcile/plan/credentials/generations.js";
import { KEPT, type Kept } from "../../provider/reconcile/table/packRotation.js";
import type { Row } from "../../provider/reconcile/table/row.js";
import { isKind } from "../report/things.js";
import type { StateResource } from "./export.js";
import { rowsIn, tablesIn, type StateRow, type StateTable } from "./sets.js";

/** What a destroy of a stack deletes, and what remains. */
export interface Losses {
  /** Devices that will be deleted with their data. */
  readonly devices: readonly string[];
  /** The devices among those to delete whose private keys only the state has. */
  readonly keys: readonly string[];
  /** Just-in-time devices that will be released. */
  readonly released: readonly string[];
  /** Devices claimed by token that will be unclaimed, which deletes them. */
  readonly unclaimed: readonly string[];
  /** Claims that were never made. */
  readonly pending: readonly string[];
  /** CAs whose keys only the state has. */
  readonly cas: readonly string[];
  /** Claims by token that remain. */
  readonly keptClaims: readonly string[];
  /** Just-in-time certificates, which nRF Cloud can't revoke. */
  readonly keptCertificates: readonly string[];
  /** Devices that remain, because of `keepOnDestroy`. */
  readonly kept: readonly string[];
  /** Devices that remain, because somebody else created them again, or the API key can't see them. */
  readonly left: readonly string[];
  /** `DeviceCertificate`s whose keys only the state has. */
  readonly certificates: readonly string[];
  /** Rules that were adopted without an id. Only the portal can delete them. */
  readonly undeletableRules: readonly string[];
  /** The number of provisioning rules, and of resources of other packages. */
  readonly others: number;
  /** Rows with `protect`, which forbids deletes and releases. */
  readonly protectedRows: readonly string[];
  /** Retired devices and claims that are single resources, and are kept until their time is over. */
  readonly retired: readonly string[];
  /** Resources that the program protects, without guarded sets. */
  readonly protected: readonly StateResource[];
  /** Sets that are protected because of `maxDeletes` or protected rows. */
  readonly guarded: readonly StateResource[];
}

/** The losses of a destroy, from the state of a stack. */
export function lossesOf(state: readonly StateResource[], now: Date): Losses {
  const tables = tablesIn(state);
  const kept = rowsIn(tables.filter(isKept));
  const going = rowsIn(tables.filter((table) => !isKept(table)));
  const willLeave = (chosen: (row: Row, record: RowRecord) => boolean): string[] =>
    going.filter(({ record }) => isPresent(record) && chosen(record.row, record)).map(({ id }) => id);
  const subjects = (chosen: (resource: StateResource) => boolean): string[] =>
    state.filter((resource) => resource.custom && chosen(resource)).map(({ subject }) => subject);
  const guarded = tables.filter(isGuarded).map(({ resource }) => resource);
  return {
    devices: willLeave(({ way }) => way === "preconnect"),
    keys: [...going, ...kept].filter(({ record }) => holdsKey(record)).map(({ id }) => id),
    released: willLeave(({ way }) => way === "jitp"),
    unclaimed: willLeave((row) => row.way === "attestation" && row.unclaim),
    pending: going.filter(({ record }) => record.outcome.kind === "waiting").map(({ id }) => id),
    cas: subjects(({ kind }) => isKind(kind, "CaCertificate")),
    keptClaims: willLeave((row) => row.way === "attestation" && !row.unclaim),
    keptCertificates: [
      ...going.filter(isIssuedJustInTime).map(({ id }) => id),
      ...subjects(({ kind }) => isKind(kind, "JitpCertificate")),
    ],
    kept: kept.map(({ id }) => id),
    left: going.filter(({ record }) => isLeft(record)).map(({ id }) => id),
    certificates: subjects(
      ({ kind, outputs }) => isKind(kind, "DeviceCertificate") && outputs.privateKey !== undefined,
    ),
    undeletableRules: subjects(
      ({ kind, outputs }) => isKind(kind, "ProvisioningRule") && outputs.ruleId === undefined,
    ),
    others: subjects(({ kind }) => !kind.isOurs || isKind(kind, "ProvisioningRule")).length,
    protectedRows: going.filter(({ record }) => record.row?.protect === true).map(({ id }) => id),
    retired: going
      .filter(({ table, record }) => !table.isSet && retirementOf(record, record.row, now)?.kind === "kept")
      .map(({ id }) => id),
    protected: state.filter((resource) => resource.protect && !guarded.includes(resource)),
    guarded,
  };
}

/** The number of devices that leave the account. */
export function deletedBy({ devices, released, unclaimed }: Losses): number {
  return devices.length + released.length + unclaimed.length;
}

/** Whether only the state has a private key of the device, because the provider or nRF Cloud created it. */
export function holdsKey(record: RowRecord): boolean {
  return holdsPresentKey(record) || KEPT.some((kept) => holdsKeptKey(record, kept));
}

/** Whether only the state has the private key of a credential that it keeps for a rotation. */
export function holdsKeptKey({ rotation }: RowRecord, kept: Kept): boolean {
  return rotation?.[kept]?.order === orderOf({ kind: "issue", rotation: FIRST_GENERATION });
}

function holdsPresentKey({ row, certificate, privateKey }: RowRecord): boolean {
  if (certificate === undefined) return false;
  // A refresh that does not find the device removes its row, but keeps its credential. Where secrets are encrypted, it may have a key.
  if (privateKey !== undefined || row === undefined) return true;
  return row.way === "jitp" ? row.issued : row.way === "preconnect" && row.credential.kind === "issue";
}

function isPresent(record: RowRecord): record is RowRecord & { readonly row: Row } {
  return record.row !== undefined && record.outcome.kind !== "waiting" && !isLeft(record);
}

function isLeft({ outcome }: RowRecord): boolean {
  return outcome.kind === "replaced" || outcome.kind === "hidden";
}

function isIssuedJustInTime({ record: { row, certificate } }: StateRow): boolean {
  return row?.way === "jitp" && row.issued && certificate !== undefined;
}

function isKept({ resource: { inputs, retainOnDelete } }: StateTable): boolean {
  return inputs.keepOnDestroy === true || retainOnDelete;
}

function isGuarded({ isSet, resource, records }: StateTable): boolean {
  if (!isSet || !resource.protect) return false;
  return (
    resource.inputs.maxDeletes !== undefined || [...records.values()].some(({ row }) => row?.protect === true)
  );
}
