import { isSeal } from "../fleet/seal.js";
import { isKind } from "../report/things.js";
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
  const of = (kind: string, also: (resource: StateResource) => boolean = () => true): string[] =>
    subjects((resource) => isKind(resource.kind, kind) && also(resource));
  const pending = ({ outputs }: StateResource): boolean => outputs.pendingConnect === true;
  const hasKey = ({ outputs }: StateResource): boolean => outputs.privateKey !== undefined;
  return {
    devices: of("Device"),
    keys: of("Device", hasKey),
    released: of("OwnershipClaim", (claim) => !pending(claim)),
    unclaimed: of("AttestationClaim", ({ retainOnDelete }) => !retainOnDelete),
    pending: of("OwnershipClaim", pending),
    cas: of("CaCertificate"),
    keptClaims: of("AttestationClaim", ({ retainOnDelete }) => retainOnDelete),
    keptCertificates: of("JitpCertificate"),
    certificates: of("DeviceCertificate", hasKey),
    others: subjects(({ kind }) => !kind.ours || isKind(kind, "ProvisioningRule")).length,
    resources: subjects(() => true).length,
    protected: state.filter(({ protect, type }) => protect && !isSeal(type)),
    seals: state.filter(({ protect, type }) => protect && isSeal(type)),
  };
}

/** How many devices leave the account. */
export function deletedBy({ devices, released, unclaimed }: Losses): number {
  return devices.length + released.length + unclaimed.length;
}
