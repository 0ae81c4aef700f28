import { createInterface } from "node:readline/promises";
import { CommandError } from "./commandError.js";

/**
 * Refuses, before any work, a command that will have to ask where nobody can answer.
 * @throws CommandError (2)
 */
export function requireAnswer(yes: boolean): void {
  if (yes || (process.stdin.isTTY && process.stderr.isTTY)) return;
  throw new CommandError(
    "Nothing was changed: this command asks before it works, and needs a terminal for that. Read the plan, then run again with --yes.",
    2,
  );
}

/** Whether an answer is a yes: `y` or `yes`, in whatever case. */
export function isYes(answer: string): boolean {
  return ["y", "yes"].includes(answer.trim().toLowerCase());
}

/**
 * Asks for a yes.
 * @param yes given beforehand on the command line
 * @throws CommandError (2) where nobody can be asked
 */
export async function confirmed(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  requireAnswer(yes);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const aborted = new AbortController();
  // Ctrl-C and the end of the input are a no.
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
