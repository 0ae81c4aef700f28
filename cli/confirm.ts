import { createInterface } from "node:readline/promises";
import { CommandError } from "./commandError.js";

/**
 * Refuses a command before any work, if it has to ask and no terminal can answer.
 * @throws CommandError (2)
 */
export function requireAnswer(yes: boolean): void {
  if (yes || (process.stdin.isTTY && process.stderr.isTTY)) return;
  throw new CommandError(
    "Nothing was changed: this command asks for confirmation, and needs a terminal for that. Read the plan, then run again with --yes.",
    2,
  );
}

/** Whether an answer is `y` or `yes`, in upper or lower case. */
export function isYes(answer: string): boolean {
  return ["y", "yes"].includes(answer.trim().toLowerCase());
}

/**
 * Asks for confirmation.
 * @param yes confirmed on the command line already
 * @throws CommandError (2) without a terminal
 */
export async function confirmed(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  requireAnswer(yes);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const aborted = new AbortController();
  // Ctrl-C and the end of the input mean no.
  prompt.once("close", () => {
    aborted.abort();
  });
  try {
    const answer = await prompt.question(`${question} (y/N) `, { signal: aborted.signal });
    return isYes(answer);
  } catch {
    return false;
  } finally {
    prompt.close();
  }
}
