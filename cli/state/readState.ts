import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { CommandError } from "../commandError.js";
import { targetOf, type TargetOptions } from "../pulumi/target.js";
import { exportState, parseState, type StateResource } from "./export.js";

/** The state from a file, from standard input (`-`), or from the stack. */
export async function readState(
  file: string | undefined,
  options: TargetOptions,
): Promise<readonly StateResource[]> {
  if (file === undefined) return exportState(targetOf(options));
  if (file === "-") return parseState(await text(process.stdin), "Standard input");
  return parseState(contentOf(file), file);
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CommandError(
      `The command can't read ${file}: ${error instanceof Error ? error.message : String(error)}`,
      2,
    );
  }
}
