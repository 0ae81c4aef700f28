import { CommandError } from "../commandError.js";
import type { Outcome } from "../pulumi/operation.js";
import { describeRemaining } from "../remaining/describe.js";
import { remainingOf } from "../remaining/remaining.js";
import { say } from "../terminal.js";

/**
 * Says what an operation did, and what remains and why.
 * @param planned what it was to work on, by URN
 * @param said remarks that were shown with the plan
 * @throws CommandError when not everything was done
 */
export function conclude(
  operation: "apply" | "destroy",
  outcome: Outcome,
  planned: ReadonlyMap<string, string>,
  said: readonly string[] = [],
): void {
  say(describeRemaining(remainingOf(outcome, planned, said), operation, outcome));
  if (outcome.ok) return;
  throw new CommandError(
    outcome.interrupted !== "no" ? `The ${operation} was interrupted.` : `The ${operation} failed.`,
  );
}
