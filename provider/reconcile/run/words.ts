import type { Deadlines } from "../../cloud/deadlines.js";
import { claimRemedy } from "../../ways/attestation/claim.js";

export const NOT_CONNECTED =
  "The device has not connected to nRF Cloud in time, and can't be claimed before it has. Power it up where it has coverage and run again, " +
  "give it more time with `wait`, or let the claim wait for a later run with `pending: allow`.";

/** What nRF Cloud accepted and does not show. */
export function tooLate({ readbackMs }: Deadlines, what: string): string {
  return (
    `nRF Cloud accepted the device, but it took more than ${readbackMs / 1000} s ${what}. Run again in a while: the device and its key are kept. ` +
    "More time: NRF_CLOUD_READBACK_TIMEOUT or nrfcloud:readbackTimeout, in seconds."
  );
}

/** Whether a reason says that the id of a device is not free. */
export function saysTaken(reason: string): boolean {
  return /already exists/i.test(reason);
}

/** Why a row of a bulk call was refused, and what to do. */
export function refusalText(kind: "onboard" | "register" | "claim", reason: string): string {
  if (kind === "claim") return `It was not claimed: ${reason} ${claimRemedy(reason)}`;
  const what = kind === "onboard" ? "It was not onboarded" : "Its certificate was not registered";
  if (saysTaken(reason)) {
    return (
      `${what}: ${reason} Another team, or somebody of this one since this run looked, has the id. Choose another id, or declare ` +
      "`adopt: true` if it is in this account."
    );
  }
  if (/already registered/i.test(reason))
    return `${what}: ${reason} Give every device a certificate of its own.`;
  return `${what}: ${reason} Correct what the reason names, then run again.`;
}
