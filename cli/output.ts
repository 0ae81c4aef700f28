import { writeFileSync } from "node:fs";
import { CommandError } from "./commandError.js";
import { entryAt, requireNoLink } from "./files/place.js";
import { reasonOf, replaceFile } from "./files/wholeFile.js";

/**
 * Writes a result to a file, or to standard output (`-`). Replaces an existing file and keeps its mode. Writes into pipes and devices.
 * Follows no links.
 *
 * @throws CommandError (2) that names the option
 */
export function writeOutput(file: string, content: string, option: string): void {
  if (file === "-") {
    process.stdout.write(content);
    return;
  }
  try {
    requireNoLink(file);
    const found = entryAt(file);
    if (found === undefined || found.isFile()) replaceFile(file, content, found && found.mode & 0o777);
    else writeFileSync(file, content);
  } catch (error) {
    if (error instanceof CommandError) throw new CommandError(`${option}: ${error.message}`, 2);
    throw new CommandError(
      `${option}: the command can't write ${file} (${reasonOf(error)}). Check the path and its permissions.`,
      2,
    );
  }
}
