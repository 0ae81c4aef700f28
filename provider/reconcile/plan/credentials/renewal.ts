import { isRenewalDue } from "../../../pki/validity.js";
import { isSigned, type ComparedRecord } from "../change.js";
import { keepsPresent } from "./generations.js";
import type { RowRecord } from "../../table/record.js";
import type { Row } from "../../table/row.js";

export interface RenewalTerms {
  /** Hours before the end of a certificate at which it is renewed. 0: never. */
  readonly earlyRenewalHours: number;
  /** When the CA ends that will sign for this row, where it is known. */
  readonly caEnd: Date | undefined;
  readonly now: Date;
}

/** Whether the certificate of a recorded row must be renewed now. */
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
  // The next credential will replace it.
  if (keepsPresent(rotation, row)) return false;
  if (!isRenewalDue(validUntil, earlyRenewalHours, now)) return false;
  // No certificate outlives its CA. A renewed one would end at the same time, so that every run would renew it again.
  return caEnd === undefined || new Date(validUntil) < caEnd;
}
