import type { Validity } from "./validity.js";

/** Certificates begin before they are issued, as those of public CAs, since the verifier's clock may be behind. */
const BACKDATED_MS = 3600 * 1000;
const HOUR_MS = 3600 * 1000;

/**
 * The validity of a certificate that is issued now: it begins an hour ago, and lasts for `days` from then.
 *
 * @param now by this machine's clock
 * @param service the time by the clock of nRF Cloud, which checks it; default: this machine's. Where this machine's clock is ahead,
 *   the certificate begins by the service's, so that the device can connect at once
 */
export function issueValidity(days: number, now: Date, service: Date = now): Validity {
  const aheadMs = Math.max(0, now.getTime() - service.getTime());
  const notBefore = new Date(now.getTime() - aheadMs - BACKDATED_MS);
  return { notBefore, hours: days * 24 + Math.round(aheadMs / HOUR_MS) };
}
