import { isUnknown, type Unknowable } from "../engine/unknown.js";
import { describeCertificate } from "../pki/certificate.js";
import type { Records, RowRecord } from "../reconcile/table/record.js";
import type { Session } from "./session/session.js";

/** Previews warn of certificates that end within this time, or within the last third of their life if that is shorter. */
const WARN_DAYS = 90;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The end of a certificate (ISO 8601), and for how many days it was issued. */
export interface Term {
  readonly validUntil: string;
  readonly days: number;
}

/** How many days there are from one time to another (ISO 8601). */
export function daysBetween(validFrom: string, validUntil: string): number {
  return (Date.parse(validUntil) - Date.parse(validFrom)) / DAY_MS;
}

/** Whether a certificate ends so soon that its owner should know. */
export function endsSoon({ validUntil, days }: Term, now: Date): boolean {
  return Date.parse(validUntil) - now.getTime() < Math.min(WARN_DAYS, days / 3) * DAY_MS;
}

/**
 * Warns in a preview of certificates that end soon, once for all devices alike.
 * @param materials the material of the rows, with certificates among it
 */
export function warnOfExpiry(
  { clock, notices }: Session,
  records: Records,
  materials: Unknowable<ReadonlyMap<string, string>>,
): void {
  const now = clock.now();
  for (const [id, record] of records) {
    const { row, validUntil } = record;
    if (row?.way !== "preconnect" || validUntil === undefined) continue;
    // Reading a certificate takes its time: only those are read that any term would be too short for.
    if (!endsSoon({ validUntil, days: Infinity }, now)) continue;
    const brought =
      row.credential.kind === "certificate" && !isUnknown(materials) ? materials.get(id) : undefined;
    // One that ends with its CA was meant to last longer.
    const days = record.issuedWith?.validityDays ?? termOf(record, validUntil, brought);
    if (days !== undefined && !endsSoon({ validUntil, days }, now)) continue;
    const hasEnded = Date.parse(validUntil) < now.getTime();
    notices.add({ subject: id, text: hasEnded ? EXPIRED : EXPIRES_SOON });
  }
}

/** For how many days the certificate of a row was issued, by its own dates; `undefined` where it is not to be had. */
function termOf(
  { certificate }: Pick<RowRecord, "certificate">,
  validUntil: string,
  brought: string | undefined,
): number | undefined {
  for (const pem of [certificate, brought]) {
    // What is declared now may be of another kind than what the device has.
    if (pem?.includes("-----BEGIN CERTIFICATE-----") !== true) continue;
    const { notBefore, notAfter } = describeCertificate(pem);
    if (notAfter === validUntil) return daysBetween(notBefore, notAfter);
  }
  return undefined;
}

const EXPIRED = "its certificate has expired. The device can't connect before it has a new one.";
const EXPIRES_SOON =
  "its certificate expires soon. Give the device a new one before that: `nrfcloud-fleet expiring` lists the dates.";
