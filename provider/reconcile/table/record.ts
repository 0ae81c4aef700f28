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

export interface IssuedWith {
  /** First 16 hex digits of the SHA-256 of the CA's certificate. */
  readonly ca: string;
  /** Whole days. */
  readonly validityDays: number;
}

/** How the last attempt on one device ended. */
export type RowOutcome =
  | { readonly kind: "done" }
  /** It was in the account already, and was adopted with the credential that it has. */
  | { readonly kind: "adopted" }
  /** The row waits for the device's first connect; the next run tries again. */
  | { readonly kind: "waiting" }
  /** For this reason; the next run tries again. */
  | { readonly kind: "failed"; readonly reason: string }
  /** The account has another device under this id (created at another time), so that nothing of it is changed. */
  | { readonly kind: "replaced"; readonly createdAt: string }
  /** The API key can't see the device, which does not say that it is gone. */
  | { readonly kind: "hidden" };

/** The recorded table. */
export type Records = ReadonlyMap<string, RowRecord>;
