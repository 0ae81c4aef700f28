import type { LogStep } from "../../journal/entry.js";
import type { Retirement } from "./retirement.js";
import type { TableChange } from "./change.js";
import type { KeyOrder, RowRecord } from "../table/record.js";
import type { Row } from "../table/row.js";

/** What the account has of one row: the device, or for a row by attestation the claim. */
export type Seen =
  | {
      readonly kind: "present";
      readonly name: string | undefined;
      readonly subType: string | undefined;
      readonly tags: readonly string[];
      /** Of a claim: when it was claimed. */
      readonly createdAt: string | undefined;
      /** What is desired of the device; absent where it was not read, as nothing depends on it. */
      readonly shadow?: SeenShadow | undefined;
    }
  | { readonly kind: "absent" }
  /** The account does not show it, and the API key does not see all devices. */
  | { readonly kind: "hidden" };

/** The shadow of a device, as far as it is of use. */
export type SeenShadow =
  | { readonly kind: "read"; readonly desired: Readonly<Record<string, unknown>> }
  /** The device is claimed, but nRF Cloud has not onboarded it yet. */
  | { readonly kind: "not yet" };

/** What the redo log has of one row beyond the state, with the evidence of the account. */
export interface Unfinished {
  /** The row as it was when the interrupted run began; `undefined` where it began only a removal. */
  readonly row: Row | undefined;
  /** Whether that run created the device in the account. */
  readonly verdict: "ours" | "foreign" | "doubt" | "running";
  /** What the run began, in order. */
  readonly steps: readonly LogStep[];
  /** The latest credential that the run made or sent. */
  readonly credential: LoggedCredential | undefined;
  /** The latest that it made to be the next one. */
  readonly next?: LoggedCredential | undefined;
}

/** A credential of the log. An unsealed log has fingerprints only. */
export interface LoggedCredential {
  readonly fingerprint: string;
  readonly certificate: string | undefined;
  readonly privateKey: string | undefined;
}

/** What became of the order to a claimed device to make a new key. */
export type Renewal = KeyOrder &
  (
    | { readonly kind: "waiting" | "done" }
    /** nRF Cloud does not know the command. */
    | { readonly kind: "gone" }
    /** The device could not, for this reason. */
    | { readonly kind: "failed"; readonly reason: string }
    /** An interrupted run may have given the order, and nothing tells. */
    | { readonly kind: "doubt" }
  );

/** All that is known of one row. */
export interface RowSituation {
  readonly id: string;
  /** `undefined` where the row is not declared (any more). */
  readonly declared: Row | undefined;
  readonly record: RowRecord | undefined;
  /** `undefined` where it was not read: nothing depends on it, or the API key is missing. */
  readonly seen: Seen | undefined;
  readonly log: Unfinished | undefined;
  /** `undefined` where no order is known, or where it was not read. */
  readonly renewal?: Renewal | undefined;
  readonly table: TableChange;
  /** How it stands where it is retired. */
  readonly retirement: Retirement;
  /** Whether the certificate is to be renewed now. */
  readonly renewalDue: boolean;
}
