import type { Row } from "./row.js";

/** The state of one device, with what exists nowhere else. */
export interface RowRecord {
  /** The row as it is in the account. `undefined`: the account does not have the device. */
  readonly row: Row | undefined;
  /** When the device was created or claimed (ISO 8601). A device with another time is another device. */
  readonly createdAt: string | undefined;
  /** The certificate that the provider issued (PEM), or nRF Cloud's certificate with its intermediate. */
  readonly certificate: string | undefined;
  /** The key that the provider or nRF Cloud generated: PEM, or packed (`keyPem` reads both). Secret, and nowhere else. */
  readonly privateKey: string | undefined;
  /** The CA and the validity of an issued certificate, to notice when others are declared. */
  readonly issuedWith?: IssuedWith | undefined;
  /** Absent: the row has never declared another generation than the first. */
  readonly rotation?: RotationRecord | undefined;
  /** Last second of the certificate that the device has (ISO 8601), where it is known. */
  readonly validUntil: string | undefined;
  /** The bulk job that creates the device, kept until `createdAt` is known: it proves that a device which is created late is ours. */
  readonly jobId: string | undefined;
  /** An adopted device keeps its name in the account as long as the row declares none. */
  readonly keepsName: boolean;
  /** When it was retired (ISO 8601). */
  readonly retiredAt?: string | undefined;
  /** When the retired device was deleted or released, or was found to be missing (ISO 8601). */
  readonly deletedAt?: string | undefined;
  readonly outcome: RowOutcome;
}

/** The record of a device that the account does not have. */
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

/** The generations of one device's credential. */
export interface RotationRecord {
  /** The registered generation, of which the record has certificate and key. */
  readonly generation: number;
  /** Identifies what the row declared (`orderOf`). */
  readonly order: string;
  /** When a credential was last issued or registered for the rotation (ISO 8601), by nRF Cloud's clock. */
  readonly at: string;
  /** A later generation, which is not registered yet. */
  readonly next?: KeptCredential | undefined;
  /** An earlier generation, to go back to. */
  readonly previous?: KeptCredential | undefined;
  /** The order that a claimed device has not carried out yet. */
  readonly ordered?: KeyOrder | undefined;
}

/** The order to a claimed device to generate a new key. */
export interface KeyOrder {
  /** Id of the provisioning command. Empty: an interrupted run may have given the order, and its answer was lost. */
  readonly command: string;
  /** The generation that the device generates. */
  readonly generation: number;
}

/** A credential that the state keeps, and that is not registered. */
export interface KeptCredential extends KeptTerms {
  readonly certificate: string;
  /** PEM, or packed. Secret. `undefined`: the device has its key. */
  readonly privateKey: string | undefined;
}

/** The part of a kept credential that is not secret. */
export interface KeptTerms {
  readonly generation: number;
  readonly order: string;
  readonly validUntil: string | undefined;
  readonly issuedWith: IssuedWith | undefined;
}

/** How the last run ended for one device. */
export type RowOutcome =
  | { readonly kind: "done" }
  /** The account had the device already, and it was adopted with the credential that it has. */
  | { readonly kind: "adopted" }
  /** The device has not connected yet. The next run tries to claim it again. */
  | { readonly kind: "waiting" }
  /** The device has not generated the ordered key yet. The next run checks again. */
  | { readonly kind: "renewing" }
  /** The next run retries it. */
  | { readonly kind: "failed"; readonly reason: string }
  /** The account has another device under this id. No run changes it. */
  | { readonly kind: "replaced"; readonly createdAt: string }
  /** The API key may not see the device, which does not mean that it is missing. */
  | { readonly kind: "hidden" };

/**
 * Reads the outcome in a state. The state keeps failures elsewhere, with their reasons.
 * @param value anything, because another version may have written the state
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
