import { isRenewalDue } from "../../../pki/validity.js";
import { isSigned, type ComparedRecord } from "../change.js";
import { isHeld } from "./turn.js";
import type { RowRecord } from "../../table/record.js";
import type { Row } from "../../table/row.js";

/** When the certificates of a table are renewed. */
export interface RenewalTerms {
  /** Hours before their end; 0 is never. */
  readonly earlyRenewalHours: number;
  /** Last second of the CA that signs again for this row, as far as it is known. */
  readonly caEnd: Date | undefined;
  readonly now: Date;
}

/** Whether the certificate of a row, as it was recorded, is to be issued again now. */
export function isDueForRenewal(
  {
    validUntil,
    outcome,
    rotation,
  }: Pick<RowRecord, "validUntil" | "outcome"> & Pick<ComparedRecord, "rotation">,
  row: Row,
  { earlyRenewalHours, caEnd, now }: RenewalTerms,
): boolean {
  if (row.way !== "preconnect" || !isSigned(row.credential) || validUntil === undefined) return false;
  if (earlyRenewalHours === 0 || outcome.kind === "adopted") return false;
  // The next one is to take its place.
  if (isHeld(rotation, row)) return false;
  if (!isRenewalDue(validUntil, earlyRenewalHours, now)) return false;
  // One that ends with its CA would last no longer, and each run would give the device yet another.
  return caEnd === undefined || new Date(validUntil) < caEnd;
}
