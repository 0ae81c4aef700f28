import { isSeal } from "../fleet/kinds.js";
import type { StateResource } from "./export.js";

/** What a destroy of a stack takes away, and what it leaves. */
export interface Losses {
  /** Devices that are deleted with their data. */
  readonly devices: readonly string[];
  /** Of these, the ones whose private key is in the state only. */
  readonly keys: readonly string[];
  /** Just-in-time devices that are released. */
  readonly released: readonly string[];
  /** Devices claimed by token that are unclaimed, and so deleted. */
  readonly unclaimed: readonly string[];
  /** Claims that were never made. */
  readonly pending: readonly string[];
  /** CAs whose key is in the state only. */
  readonly cas: readonly string[];
  /** Claims by token that stay. */
  readonly keptClaims: readonly string[];
  /** Just-in-time certificates, which nRF Cloud can't take back. */
  readonly keptCertificates: readonly string[];
  /** Device certificates without a device, whose key is in the state only. */
  readonly certificates: readonly string[];
  /** Provisioning rules, and resources that are none of this package. */
  readonly others: number;
  /** How many resources that a provider manages there are in all. */
  readonly resources: number;
  /** What is protected, without the seals. */
  readonly protected: readonly StateResource[];
  /** What keeps the whole fleet from being destroyed. */
  readonly seals: readonly StateResource[];
}

/** Reads from a stack's state what its destroy would do. */
export function lossesOf(state: readonly StateResource[]): Losses {
  const subjects = (chosen: (resource: StateResource) => boolean): string[] =>
    state.filter((resource) => resource.custom && chosen(resource)).map(({ subject }) => subject);
  const pending = ({ outputs }: StateResource): boolean => outputs.pendingConnect === true;
  return {
    devices: subjects(({ kind }) => kind === "Device"),
    keys: subjects(({ kind, outputs }) => kind === "Device" && outputs.privateKey !== undefined),
    released: subjects((resource) => resource.kind === "OwnershipClaim" && !pending(resource)),
    unclaimed: subjects(({ kind, retained }) => kind === "AttestationClaim" && !retained),
    pending: subjects((resource) => resource.kind === "OwnershipClaim" && pending(resource)),
    cas: subjects(({ kind }) => kind === "CaCertificate"),
    keptClaims: subjects(({ kind, retained }) => kind === "AttestationClaim" && retained),
    keptCertificates: subjects(({ kind }) => kind === "JitpCertificate"),
    certificates: subjects(({ kind }) => kind === "DeviceCertificate"),
    others: subjects(({ kind }) => kind === "ProvisioningRule" || kind === "other").length,
    resources: subjects(() => true).length,
    protected: state.filter(({ protected: is, type }) => is && !isSeal(type)),
    seals: state.filter(({ protected: is, type }) => is && isSeal(type)),
  };
}

/** How many devices leave the account. */
export function deletedBy({ devices, released, unclaimed }: Losses): number {
  return devices.length + released.length + unclaimed.length;
}
