import { createInterface } from "node:readline/promises";
import { CommandError } from "./commandError.js";

/**
 * Refuses, before any work, a command that will have to ask where nobody can answer.
 * @throws CommandError (2)
 */
export function requireAnswer(yes: boolean): void {
  if (yes || (process.stdin.isTTY && process.stderr.isTTY)) return;
  throw new CommandError(
    "Nothing was done: nobody can be asked here (no terminal). Read the plan, then run again with --yes.",
    2,
  );
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
    const answer = await prompt.question(`${question} (yes/no) `, { signal: aborted.signal });
    return answer.trim().toLowerCase() === "yes";
  } catch {
    return false;
  } finally {
    prompt.close();
  }
}
