import type { Records } from "../reconcile/table/record.js";
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

/** Warns in a preview of certificates that end soon, once for all devices alike. */
export function warnOfExpiry({ clock, notices }: Session, records: Records, validityDays: number): void {
  const now = clock.now();
  for (const [id, { row, validUntil }] of records) {
    if (row?.way !== "preconnect" || validUntil === undefined) continue;
    if (!endsSoon({ validUntil, days: validityDays }, now)) continue;
    const hasEnded = Date.parse(validUntil) < now.getTime();
    notices.tell({ subject: id, text: hasEnded ? EXPIRED : EXPIRES_SOON });
  }
}

const EXPIRED = "its certificate has expired: the device can't connect until it has a new one.";
const EXPIRES_SOON =
  "its certificate expires soon, and the device must have a new one before that: `nrfcloud-fleet expiring` lists the dates.";
