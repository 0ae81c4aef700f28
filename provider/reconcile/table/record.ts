import type { Row } from "./row.js";

/** What the state has of one device: what was reached, and what exists nowhere else. */
export interface RowRecord {
  /** The device as it was reached; `undefined` where it is not in the account yet. */
  readonly row: Row | undefined;
  /**
   * When the account got the device (ISO 8601), by which it is known again: a device of another time is another device. Of an
   * attestation claim, when it was claimed.
   */
  readonly createdAt: string | undefined;
  /** The certificate that was issued here (PEM), or nRF Cloud's certificate with its intermediate. */
  readonly certificate: string | undefined;
  /** The key that was generated here or by nRF Cloud: PEM, or packed (`keyPem` reads both). Secret, and nowhere else. */
  readonly privateKey: string | undefined;
  /** What the certificate was issued with here, by which a later CA or validity is known to be another. */
  readonly issuedWith?: IssuedWith | undefined;
  /** Where another generation than the first was ever asked for: which one the account has, and which others are kept. */
  readonly rotation?: RotationRecord | undefined;
  /** Last second of the certificate that the device has (ISO 8601), as far as it is known here. */
  readonly validUntil: string | undefined;
  /**
   * The bulk job that is to create the device, kept until `createdAt` is known: it proves that a device that is
   * created late is ours.
   */
  readonly jobId: string | undefined;
  /** An adopted device keeps its name in the account as long as the row declares none. */
  readonly keepsName: boolean;
  /** When it was retired (ISO 8601). */
  readonly retiredAt?: string | undefined;
  /** When the retired device was deleted or released (ISO 8601), or was found to be gone. */
  readonly deletedAt?: string | undefined;
  readonly outcome: RowOutcome;
}

/** Of a device of which nothing is known, and nothing was reached. */
export const EMPTY_RECORD: RowRecord = {
  row: undefined,
  createdAt: undefined,
  certificate: undefined,
  privateKey: undefined,
  validUntil: undefined,
  jobId: undefined,
  keepsName: false,
  outcome: { kind: "done" },
};

export interface IssuedWith {
  /** First 16 hex digits of the SHA-256 of the CA's certificate. */
  readonly ca: string;
  /** Whole days. */
  readonly validityDays: number;
  /** The days that were declared when it was activated as it was kept, where they were others: they are for what is issued later. */
  readonly activatedFor?: number | undefined;
}

/** How far the rotation of one device's credential has come. */
export interface RotationRecord {
  /** The generation that the account has: what the record has of certificate and key is of this one. */
  readonly generation: number;
  /** What it was ordered as (`orderOf`). */
  readonly order: string;
  /** When a credential was last issued or registered for the rotation (ISO 8601), by nRF Cloud's clock. */
  readonly at: string;
  /** A later generation, which the account does not have. */
  readonly next?: KeptCredential | undefined;
  /** An earlier generation, to go back to. */
  readonly previous?: KeptCredential | undefined;
  /** What a claimed device is ordered to make, and has not made yet. */
  readonly ordered?: KeyOrder | undefined;
}

/** The order to a claimed device to make a new key. */
export interface KeyOrder {
  /** Id of the provisioning command; empty where an interrupted run may have given it, and nothing tells. */
  readonly command: string;
  /** The generation that it makes. */
  readonly generation: number;
}

/** A credential that is kept here, and that the account does not have. */
export interface KeptCredential extends KeptTerms {
  readonly certificate: string;
  /** PEM, or packed. Secret. `undefined` where the device made it. */
  readonly privateKey: string | undefined;
}

/** What of a kept credential is in clear. */
export interface KeptTerms {
  readonly generation: number;
  readonly order: string;
  readonly validUntil: string | undefined;
  readonly issuedWith: IssuedWith | undefined;
}

/** How the last attempt on one device ended. */
export type RowOutcome =
  | { readonly kind: "done" }
  /** It was in the account already, and was adopted with the credential that it has. */
  | { readonly kind: "adopted" }
  /** The row waits for the device's first connect; the next run tries again. */
  | { readonly kind: "waiting" }
  /** The device was ordered to make a new key, which it has not done yet; the next run looks again. */
  | { readonly kind: "renewing" }
  /** For this reason; the next run tries again. */
  | { readonly kind: "failed"; readonly reason: string }
  /** The account has another device under this id (created at another time), so that nothing of it is changed. */
  | { readonly kind: "replaced"; readonly createdAt: string }
  /** The API key can't see the device, which does not say that it is gone. */
  | { readonly kind: "hidden" };

/**
 * Reads an outcome that a state has kept. A failure is kept elsewhere, with its reason.
 *
 * @param value anything: a state may come from another version
 */
export function readOutcome(value: unknown): RowOutcome {
  if (typeof value !== "object" || value === null || !("kind" in value)) return { kind: "done" };
  switch (value.kind) {
    case "adopted":
    case "waiting":
    case "renewing":
    case "hidden":
      return { kind: value.kind };
    case "replaced": {
      const createdAt = "createdAt" in value ? value.createdAt : undefined;
      return { kind: "replaced", createdAt: typeof createdAt === "string" ? createdAt : "" };
    }
    default:
      return { kind: "done" };
  }
}

/** The recorded table. */
export type Records = ReadonlyMap<string, RowRecord>;
