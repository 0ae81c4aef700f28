import { CommandError, Interrupted } from "../commandError.js";
import type { Outcome } from "../pulumi/operation.js";
import { describeRemaining } from "../remaining/describe.js";
import { remainingOf, type Work } from "../remaining/remaining.js";
import { printText } from "../terminal.js";

/**
 * Prints what an operation did, what remains, and why.
 * @throws CommandError if something remains, `Interrupted` after a signal
 */
export function conclude(operation: "apply" | "destroy", outcome: Outcome, work: Work): void {
  printText(describeRemaining(remainingOf(outcome, work), operation, outcome));
  if (outcome.ok) return;
  throw outcome.interrupted === "no" ? new CommandError(`The ${operation} failed.`) : new Interrupted();
}
