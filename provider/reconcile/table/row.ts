import type { DeviceConfig } from "../../fleet/config.js";
import type { Duration } from "../../fleet/duration.js";
import type { Adoption, PendingClaim } from "../../fleet/deviceSpec.js";
import type { Rotation } from "../../fleet/rotation.js";
import type { FirmwareType } from "../../fleet/rules.js";

/** One device of the table, as declared or as it was recorded. Its way into the account decides which fields it can have. */
export type Row = PreconnectRow | JitpRow | AttestationRow;

/** The three ways into an account. */
export type Way = Row["way"];

interface Common {
  /** Device groups; for a claimed device its provisioning tags. */
  readonly tags: readonly string[];
  readonly adopt: Adoption;
  /** Never to be deleted, replaced or released. */
  readonly protect: boolean;
  /** What is desired in the device's shadow; absent for nothing. */
  readonly config?: DeviceConfig | undefined;
  /** Retired: it keeps its place in the account for so long, and is then deleted or released. */
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

/** How a pre-connect device proves who it is. What it brings itself is named by a fingerprint of 32 hex digits. */
export type RowCredential =
  /** Key and certificate are made here, signed by the CA of the table. */
  | { readonly kind: "issue"; readonly rotation: Rotation }
  /** Of the public key and the common name: the same key signed again is no change. */
  | { readonly kind: "csr"; readonly fingerprint: string; readonly rotation: Rotation }
  /** Of the certificate. */
  | { readonly kind: "certificate"; readonly fingerprint: string }
  /** Of the SubjectPublicKeyInfo. Such a device has no MQTT. */
  | { readonly kind: "publicKey"; readonly fingerprint: string }
  /** An adopted device keeps what it has, and nothing is known of it. */
  | { readonly kind: "existing" };

/** A just-in-time device, claimed by its ownership code after its first connect (AssociateDevice). */
export interface JitpRow extends Common {
  readonly way: "jitp";
  readonly adopt: Exclude<Adoption, "recertify">;
  readonly subType: string | undefined;
  readonly name: string | undefined;
  /** nRF Cloud issues the certificate too (CreateDeviceCertificate). */
  readonly issued: boolean;
  /** How long to wait for the first connect: whole seconds, 0 to 3,600. */
  readonly waitSeconds: number;
  readonly pending: PendingClaim;
}

/** A device that is claimed by its attestation token (ClaimDeviceOwnership). Its id is its UUID. */
export interface AttestationRow extends Common {
  readonly way: "attestation";
  readonly adopt: Exclude<Adoption, "recertify">;
  /** Unclaim when the row leaves, which deletes the device that was onboarded under the UUID as well. */
  readonly unclaim: boolean;
  /** The device makes its key itself: it is ordered to by `activate` and `done`. */
  readonly rotation: Rotation;
  /** Where its modem keeps the key. */
  readonly securityTag: number;
}

/** Default seconds to wait for the first connect. A device needs about thirty once it is on. */
export const DEFAULT_WAIT_SECONDS = 120;

/** Digits of a fingerprint in a row: 128 bits of SHA-256. */
export const FINGERPRINT_DIGITS = 32;
