import { notice } from "../engine/notices.js";

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
export function endsSoon({ validUntil, days }: Term, now = new Date()): boolean {
  return Date.parse(validUntil) - now.getTime() < Math.min(WARN_DAYS, days / 3) * DAY_MS;
}

/** Tells once for all devices alike that their certificates end soon. */
export function warnOfDeviceExpiry(deviceId: string, term: Term): void {
  if (!endsSoon(term)) return;
  const hasEnded = Date.parse(term.validUntil) < Date.now();
  notice({
    subject: deviceId,
    text: hasEnded
      ? "its certificate has expired: the device can't connect until it has a new one."
      : "its certificate expires soon, and the device must have a new one before that: `nrfcloud-fleet expiring` lists the dates.",
  });
}
