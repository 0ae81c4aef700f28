/** The devices of a resolved fleet. */
import type { DeviceConfig } from "./config.js";
import type { Retirement } from "./retirement.js";
import type { Rotation } from "./rotation.js";
import type { FirmwareType } from "./rules.js";
import type { Place } from "./place.js";
import type { SecretSource } from "./sources/secretSource.js";

/**
 * What to do when the device is in the account already: `no` refuses it, `keep` adopts it with its present certificate,
 * `recertify` adopts it with the declared certificate.
 */
export type Adoption = "no" | "keep" | "recertify";

/**
 * The credential of a device. A PEM is a single block with LF line ends, whose content is not parsed yet. `existing`: an adopted
 * device keeps its certificate, since the fleet has no `ca` to issue one.
 */
export type DeviceCredential =
  | { readonly kind: "issue"; readonly rotation?: Rotation }
  | { readonly kind: "csr"; readonly csr: string; readonly rotation?: Rotation }
  | { readonly kind: "certificate"; readonly certificate: string }
  | { readonly kind: "publicKey"; readonly publicKey: string }
  | { readonly kind: "existing" };

/** One pre-connect device. */
export interface DeviceSpec {
  readonly deviceId: string;
  readonly group: string;
  readonly subType?: string;
  /** Tags of the defaults, the group and the device, in this order, each once. */
  readonly tags: readonly string[];
  readonly firmwareTypes: readonly FirmwareType[];
  readonly name?: string;
  /** The desired configuration in its shadow. */
  readonly config?: DeviceConfig;
  readonly adopt: Adoption;
  /** The device must not be deleted, replaced or released. */
  readonly protect: boolean;
  /** Absent if neither the device nor its group declares it. */
  readonly retirement?: Retirement;
  readonly credential: DeviceCredential;
  /** The list entry, pattern or CSV row that declares it. */
  readonly source: Place;
}

/**
 * Where the ownership code of a JITP device is kept. All but codes in the stack's configuration are checked at load time. Readers
 * of any of them must use `parseOwnershipCode` or `codeFromList`.
 */
export type CodeSource =
  | SecretSource
  /** A cell of a CSV file, trimmed and checked. The value itself is secret. */
  | { readonly kind: "csv"; readonly value: string }
  /** The device's line in a list of codes, which `codeFromList` finds. */
  | { readonly kind: "list"; readonly from: SecretSource; readonly deviceId: string };

/** One JITP device, which is claimed by its ownership code (AssociateDevice) after it has first connected. */
export interface JitpSpec {
  /** For Nordic's own products `nrf-<IMEI>`, with a valid check digit. */
  readonly deviceId: string;
  readonly group: string;
  readonly code: CodeSource;
  /** Whether nRF Cloud issues the certificate too (CreateDeviceCertificate). */
  readonly certificate: boolean;
  readonly subType?: string;
  /** Tags of the defaults, the group and the device, in this order, each once. */
  readonly tags: readonly string[];
  readonly name?: string;
  /** The desired configuration in its shadow. */
  readonly config?: DeviceConfig;
  readonly adopt: Exclude<Adoption, "recertify">;
  /** The device must not be deleted, replaced or released. */
  readonly protect: boolean;
  /** Absent if neither the device nor its group declares it. */
  readonly retirement?: Retirement;
  /** How long to wait for the first connection: whole seconds, 0 to 3,600. */
  readonly waitSeconds: number;
  /** What to do if the device has not connected by then. */
  readonly pending: PendingClaim;
  /** The list entry or CSV row that declares it. */
  readonly source: Place;
}

/** Whether the claim of a device that has not connected yet waits for a later run, or fails. */
export type PendingClaim = "allow" | "fail";

/**
 * Where the attestation token of a device is kept. All but tokens in the stack's configuration are checked at load time. A token
 * there may even belong to another device.
 */
export type TokenSource =
  | SecretSource
  /** A cell of a CSV file, trimmed and checked. The value itself is secret. */
  | { readonly kind: "csv"; readonly value: string };

/** One device that is claimed by its attestation token through the identity service (ClaimDeviceOwnership). */
export interface ClaimSpec {
  /** Lower-case UUID, which is also the device id: from the token, or declared if the token is in the stack's configuration. */
  readonly uuid: string;
  readonly group: string;
  readonly token: TokenSource;
  /** Fifteen digits, from the CSV file. Informative only. */
  readonly imei?: string;
  /** Provisioning tags of the group and the device, in this order, each once. */
  readonly tags: readonly string[];
  /** The desired configuration in its shadow, set once nRF Cloud has onboarded it. */
  readonly config?: DeviceConfig;
  /** What to do when this team has claimed the device already. */
  readonly adopt: Exclude<Adoption, "recertify">;
  /** The device must not be deleted, replaced or released. */
  readonly protect: boolean;
  /** Absent if neither the device nor its group declares it. */
  readonly retirement?: Retirement;
  /** Whether a destroy unclaims the device, which deletes the onboarded device and its data too. */
  readonly unclaimOnDestroy: boolean;
  /** The generation of the key that the device is to generate. */
  readonly rotation?: Rotation;
  /** The security tag under which its modem keeps the key. */
  readonly securityTag?: number;
  /** The list entry or CSV row that declares it. */
  readonly source: Place;
}
