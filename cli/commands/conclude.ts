import { CommandError } from "../commandError.js";
import type { Outcome } from "../pulumi/operation.js";
import { describeRemaining } from "../remaining/describe.js";
import { remainingOf, type Work } from "../remaining/remaining.js";
import { say } from "../terminal.js";

/**
 * Says what an operation did, and what remains and why.
 * @throws CommandError when not everything was done
 */
export function conclude(operation: "apply" | "destroy", outcome: Outcome, work: Work): void {
  say(describeRemaining(remainingOf(outcome, work), operation, outcome));
  if (outcome.ok) return;
  throw new CommandError(
    outcome.interrupted !== "no" ? `The ${operation} was interrupted.` : `The ${operation} failed.`,
  );
}
