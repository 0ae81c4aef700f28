import { PkiError } from "./errors.js";

export type Lifetime = { readonly days: number } | { readonly hours: number };

/** Start and length. Fractions of a second are cut off, since X.509 has none. */
export type Validity = { readonly notBefore: Date } & Lifetime;

/** Whole seconds, both ends included. */
export interface Period {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const FIRST = Date.UTC(1950, 0, 1);
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 * The first and last second of a validity.
 * @throws PkiError invalid-validity when it is not a positive time, or outside the years 1950 to 9999
 */
export function validityPeriod(validity: Validity): Period {
  const hours = "days" in validity ? validity.days * 24 : validity.hours;
  const start = toSecond(validity.notBefore.getTime());
  const end = toSecond(start + hours * HOUR);
  if (!(end > start)) {
    throw new PkiError(
      "invalid-validity",
      `A validity of ${hours} hours from ${describe(start)} is not a time.`,
      "Give a valid start and a number of days or hours above 0.",
    );
  }
  if (start < FIRST || end > LAST) {
    throw new PkiError(
      "invalid-validity",
      `A validity of ${hours} hours from ${describe(start)} leaves the years 1950 to 9999 that a certificate can express.`,
      "Give fewer days or hours.",
    );
  }
  return { notBefore: new Date(start), notAfter: new Date(end) };
}

/**
 * The moment from which a certificate should be renewed.
 * @param notAfter the certificate's last second
 * @param earlyRenewalHours how long before its end; 0 means at its end
 */
export function renewAfter(notAfter: Date | string, earlyRenewalHours: number): Date {
  return new Date(new Date(notAfter).getTime() - earlyRenewalHours * HOUR);
}

/** Whether `now` lies in the renewal window or after it. */
export function isRenewalDue(notAfter: Date | string, earlyRenewalHours: number, now: Date): boolean {
  return now.getTime() >= renewAfter(notAfter, earlyRenewalHours).getTime();
}

/** The accepted difference of clocks (milliseconds). */
export const CLOCK_MARGIN_MS = 10 * 60 * SECOND;

/** A verb phrase for a validity (ISO 8601) that has not begun or has ended; `undefined` if `now` is within it. */
export function outsideOf(
  { notBefore, notAfter }: { readonly notBefore: string; readonly notAfter: string },
  now: Date,
): string | undefined {
  if (Date.parse(notAfter) < now.getTime()) return `expired at ${notAfter}`;
  // A new certificate of another machine is accepted even if this machine's clock is a little behind.
  return Date.parse(notBefore) > now.getTime() + CLOCK_MARGIN_MS ? `begins at ${notBefore} only` : undefined;
}

/** @internal ISO 8601 in UTC without fractions, such as 2026-11-23T14:36:00Z. */
export function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

function toSecond(milliseconds: number): number {
  return Math.floor(milliseconds / SECOND) * SECOND;
}

function describe(milliseconds: number): string {
  return Number.isFinite(milliseconds) && Math.abs(milliseconds) < 8.64e15
    ? isoSeconds(new Date(milliseconds))
    : "an invalid date";
}
