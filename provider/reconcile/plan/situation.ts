import type { LogStep } from "../../journal/entry.js";
import type { Retirement } from "./retirement.js";
import type { TableChange } from "./change.js";
import type { KeyOrder, RowRecord } from "../table/record.js";
import type { Row } from "../table/row.js";

/** What the account shows of one row: the device, or the claim of a row by attestation. */
export type Seen =
  | {
      readonly kind: "present";
      readonly name: string | undefined;
      readonly subType: string | undefined;
      readonly tags: readonly string[];
      /** Of a claim: the time of the claim. */
      readonly createdAt: string | undefined;
      /** Absent: it was not read, because the plan does not depend on it. */
      readonly shadow?: SeenShadow | undefined;
    }
  | { readonly kind: "absent" }
  /** The account does not show it, and the API key may not see all devices. */
  | { readonly kind: "hidden" };

export type SeenShadow =
  | { readonly kind: "read"; readonly desired: Readonly<Record<string, unknown>> }
  /** The device is claimed, and nRF Cloud has not onboarded it yet. */
  | { readonly kind: "not yet" };

/** What the journal has of one row and the state does not, with the evidence of the account. */
export interface Unfinished {
  /** The row that the interrupted run declared. `undefined`: it began only a removal. */
  readonly row: Row | undefined;
  /** Whether that run created the device in the account. */
  readonly verdict: "ours" | "foreign" | "doubt" | "running";
  /** The steps that the run began, in order. */
  readonly steps: readonly LogStep[];
  /** The latest credential that the run made or sent, other than the next one. */
  readonly credential: LoggedCredential | undefined;
  /** The latest next credential that the run made. */
  readonly next?: LoggedCredential | undefined;
}

/** A credential of the journal. */
export interface LoggedCredential {
  readonly fingerprint: string;
  readonly certificate: string | undefined;
  readonly privateKey: string | undefined;
}

/** The state of an order to a claimed device to generate a new key. */
export type Renewal = KeyOrder &
  (
    | { readonly kind: "waiting" | "done" }
    /** nRF Cloud does not know the command. */
    | { readonly kind: "unknown" }
    /** The device could not generate the key. */
    | { readonly kind: "failed"; readonly reason: string }
    /** An interrupted run may have given the order, and nRF Cloud can't say. */
    | { readonly kind: "doubt" }
  );

/** All that is known of one row. */
export interface RowSituation {
  readonly id: string;
  /** `undefined`: the row is not declared. */
  readonly declared: Row | undefined;
  readonly record: RowRecord | undefined;
  /** `undefined`: it was not read, because the plan does not depend on it, or an API key is missing. */
  readonly seen: Seen | undefined;
  readonly log: Unfinished | undefined;
  /** `undefined`: no order is known, or it was not read. */
  readonly renewal?: Renewal | undefined;
  readonly table: TableChange;
  readonly retirement: Retirement;
  /** Whether the certificate must be renewed now. */
  readonly renewalDue: boolean;
}
