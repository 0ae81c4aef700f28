import { writeFileSync } from "node:fs";
import { CommandError } from "./commandError.js";

/** Writes a result to a file, or to standard output (`-`). @throws CommandError (2) that names the option */
export function writeOutput(file: string, content: string, option: string): void {
  if (file === "-") {
    process.stdout.write(content);
    return;
  }
  try {
    writeFileSync(file, content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${option}: ${file} can't be written: ${reason}`, 2);
  }
}
