import { isUnknown, type Unknowable } from "../engine/unknown.js";
import { describeCertificate } from "../pki/certificate.js";
import type { Records, RowRecord } from "../reconcile/table/record.js";
import type { Session } from "./session/session.js";

/** Previews warn of certificates that end within this time, or within the last third of their validity if that is shorter. */
const WARN_DAYS = 90;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The end of a certificate (ISO 8601), and its validity in days. */
export interface Term {
  readonly validUntil: string;
  readonly days: number;
}

/** The days between two times (ISO 8601). */
export function daysBetween(validFrom: string, validUntil: string): number {
  return (Date.parse(validUntil) - Date.parse(validFrom)) / DAY_MS;
}

/** Whether a certificate ends so soon that previews warn. */
export function endsSoon({ validUntil, days }: Term, now: Date): boolean {
  return Date.parse(validUntil) - now.getTime() < Math.min(WARN_DAYS, days / 3) * DAY_MS;
}

/**
 * Warns in a preview of certificates that end soon, with one notice for all devices.
 * @param materials what devices bring, such as certificates
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
    // Reading a certificate is slow, so only certificates are read for which the warning is possible.
    if (!endsSoon({ validUntil, days: Infinity }, now)) continue;
    const brought =
      row.credential.kind === "certificate" && !isUnknown(materials) ? materials.get(id) : undefined;
    // The CA ended the certificate before the end of its declared validity.
    const days = record.issuedWith?.validityDays ?? termOf(record, validUntil, brought);
    if (days !== undefined && !endsSoon({ validUntil, days }, now)) continue;
    const hasEnded = Date.parse(validUntil) < now.getTime();
    notices.add({ subject: id, text: hasEnded ? EXPIRED : EXPIRES_SOON });
  }
}

/** The validity of the certificate of a row, in days. `undefined`: the certificate can't be read. */
function termOf(
  { certificate }: Pick<RowRecord, "certificate">,
  validUntil: string,
  brought: string | undefined,
): number | undefined {
  for (const pem of [certificate, brought]) {
    // The declared credential may be of another kind than the device's.
    if (pem?.includes("-----BEGIN CERTIFICATE-----") !== true) continue;
    const { notBefore, notAfter } = describeCertificate(pem);
    if (notAfter === validUntil) return daysBetween(notBefore, notAfter);
  }
  return undefined;
}

const EXPIRED = "its certificate has expired. The device can't connect before it has a new one.";
const EXPIRES_SOON =
  "its certificate expires soon. Give the device a new one before that: `nrfcloud-fleet expiring` lists the dates.";
