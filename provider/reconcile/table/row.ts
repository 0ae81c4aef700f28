import type { DeviceConfig } from "../../fleet/config.js";
import type { Duration } from "../../fleet/duration.js";
import type { Adoption, PendingClaim } from "../../fleet/deviceSpec.js";
import type { Rotation } from "../../fleet/rotation.js";
import type { FirmwareType } from "../../fleet/rules.js";

/** One device of the table, declared or recorded. Its way into the account decides which fields it has. */
export type Row = PreconnectRow | JitpRow | AttestationRow;

/** The three ways into an account. */
export type Way = Row["way"];

interface Common {
  /** Device groups; for a claimed device its provisioning tags. */
  readonly tags: readonly string[];
  readonly adopt: Adoption;
  /** Whether every run refuses to delete, replace or release the device. */
  readonly protect: boolean;
  /** The configuration in the desired section of the device's shadow. */
  readonly config?: DeviceConfig | undefined;
  /** For how long the device is kept after it was retired. Absent: it is not retired. */
  readonly retired?: Duration | undefined;
}

/** A device that is onboarded before it connects (OnboardDevices). */
export interface PreconnectRow extends Common {
  readonly way: "preconnect";
  readonly subType: string | undefined;
  readonly firmwareTypes: readonly FirmwareType[];
  readonly name: string | undefined;
  readonly credential: RowCredential;
}

/** How a pre-connect device proves its identity. A fingerprint of 32 hex digits identifies what it brings. */
export type RowCredential =
  /** The provider generates the key, and the CA of the table signs the certificate. */
  | { readonly kind: "issue"; readonly rotation: Rotation }
  /** Fingerprint of the public key and the common name, so that another CSR for the same key is not a change. */
  | { readonly kind: "csr"; readonly fingerprint: string; readonly rotation: Rotation }
  /** Fingerprint of the certificate. */
  | { readonly kind: "certificate"; readonly fingerprint: string }
  /** Fingerprint of the SubjectPublicKeyInfo. Such a device can't use MQTT. */
  | { readonly kind: "publicKey"; readonly fingerprint: string }
  /** An adopted device keeps its credential, which the provider does not know. */
  | { readonly kind: "existing" };

/** A just-in-time device, claimed by its ownership code after its first connect (AssociateDevice). */
export interface JitpRow extends Common {
  readonly way: "jitp";
  readonly adopt: Exclude<Adoption, "recertify">;
  readonly subType: string | undefined;
  readonly name: string | undefined;
  /** Whether nRF Cloud issues the certificate too (CreateDeviceCertificate). */
  readonly issued: boolean;
  /** How long to wait for the first connect: whole seconds, 0 to 3,600. */
  readonly waitSeconds: number;
  readonly pending: PendingClaim;
}

/** A device that is claimed by its attestation token (ClaimDeviceOwnership). Its id is its UUID. */
export interface AttestationRow extends Common {
  readonly way: "attestation";
  readonly adopt: Exclude<Adoption, "recertify">;
  /** Whether to unclaim the device when the row is removed. nRF Cloud then deletes the onboarded device too. */
  readonly unclaim: boolean;
  /** The device generates its key. The phases `activate` and `done` order it to. */
  readonly rotation: Rotation;
  /** Security tag of the key in its modem. */
  readonly securityTag: number;
}

/** Default seconds to wait for the first connect. A device needs about thirty after it is powered up. */
export const DEFAULT_WAIT_SECONDS = 120;

/** Digits of a fingerprint in a row: 128 bits of SHA-256. */
export const FINGERPRINT_DIGITS = 32;
