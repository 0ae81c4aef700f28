import type { Outcome } from "../cloud/surely.js";
import { ExpectedError } from "../engine/errors.js";
import { UncertainError } from "./didNothing.js";

/** What was to be done with a device. */
export type Done = "onboarded" | "given its certificate";

/** What became of a device that was not done, as an error with the API's reason and what to do about it. */
export function failureOf(
  what: Done,
  deviceId: string,
  outcome: Exclude<Outcome, { readonly kind: "done" }>,
): Error {
  if (outcome.kind === "failed") return outcome.error;
  const text = `Device ${deviceId} was not ${what}: ${outcome.reason}\n${remedyFor(outcome.reason)}`;
  return outcome.nothingDone ? new ExpectedError(text) : new UncertainError(text);
}

/** Whether a reason says that the id of a device is not free. */
export function saysTaken(reason: string): boolean {
  return /already exists/i.test(reason);
}

/**
 * An error for a device whose id was free when this run looked, and taken when it was onboarded.
 * @param ours whether it is in the account now
 */
export function takenError(deviceId: string, reason: string, ours: boolean): Error {
  return new ExpectedError(
    `Device ${deviceId} was not onboarded: ${reason}\n` +
      (ours
        ? "It is in the account by now, and was not when this run looked: somebody else of the team onboarded it in between. Keep it " +
          "in one place, or declare `adopt: true` to manage it here as it is."
        : "It is not in this account, so another team has this id, and ids are unique across all customers: choose another id, or " +
          "ask its owner to delete it, then run again."),
  );
}

function remedyFor(reason: string): string {
  if (/already registered/i.test(reason)) {
    return "Every device needs a certificate of its own: give this one another, then run again.";
  }
  return "Correct what the reason names, then run again; the devices of the same batch that were good are done.";
}
