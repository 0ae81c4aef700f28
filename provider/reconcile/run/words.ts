import type { Deadlines } from "../../cloud/deadlines.js";
import { claimRemedy } from "../../ways/attestation/claim.js";

export const NOT_CONNECTED =
  "The device has not connected to nRF Cloud in time, and nRF Cloud can't claim it before. Power it up where it has coverage, and run " +
  "again. For more time, set `wait`; to leave the claim to a later run, set `pending: allow`.";

/**
 * The message for a change that nRF Cloud accepted and does not show.
 * @param elsewhere what else to check
 */
export function tooLate({ readbackMs }: Deadlines, what: string, elsewhere?: string): string {
  return (
    `nRF Cloud accepted the request, but the device took more than ${readbackMs / 1000} s ${what}. Run again in a few minutes: the state ` +
    "keeps the device and its key. For more time, set NRF_CLOUD_READBACK_TIMEOUT or nrfcloud:readbackTimeout, in seconds." +
    (elsewhere === undefined ? "" : ` ${elsewhere}`)
  );
}

/** Whether nRF Cloud refused a device because its id exists. */
export function isTaken(reason: string): boolean {
  return /already exists/i.test(reason);
}

/** The message for a row of a bulk call that nRF Cloud refused. */
export function refusalText(
  kind: "onboard" | "register" | "claim",
  reason: string,
  remedy = "Correct what nRF Cloud names, then run again.",
): string {
  if (kind === "claim") return `nRF Cloud did not claim the device: ${reason} ${claimRemedy(reason)}`;
  const what =
    kind === "onboard"
      ? "nRF Cloud did not onboard the device"
      : "nRF Cloud did not register its certificate";
  if (isTaken(reason)) {
    return (
      `${what}: ${reason} Another team has the id, or somebody of this team took it during this run. Choose another id, or declare ` +
      "`adopt: true` if this account has the device."
    );
  }
  if (/already registered/i.test(reason)) return `${what}: ${reason} Give every device its own certificate.`;
  return `${what}: ${reason} ${remedy}`;
}
