import { readFileSync } from "node:fs";
import path from "node:path";
import { CommandError } from "../commandError.js";
import { entryAt, requireNoLink, requirePrivate } from "../files/place.js";
import { createFile, OWNER_ONLY, reasonOf, replaceFile } from "../files/wholeFile.js";

/** Text of a UTF-8 file, every character of it. @throws CommandError */
export function readWhole(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    throw new CommandError(
      `${file} can't be read (${reasonOf(error)}). Check the path, and that it is UTF-8 text.`,
    );
  }
}

/** Writes a file that must not be there yet, unless `force`. @throws CommandError */
export function writeNew(file: string, text: string, { force }: Force): void {
  if (!force && entryAt(file) !== undefined) {
    throw new CommandError(
      `${file} exists already, and was left as it is. To bring it up to date with the account, use --update ${file}. ` +
        "To replace it with all that is in it, use --force.",
    );
  }
  write(file, text, { force });
}

interface Force {
  readonly force: boolean;
}

/** @throws CommandError where a secret can't be written into a file of its own, or one is there already, unless `force` */
export function requireNewSecret(file: string, { force }: Force): void {
  if (!force && entryAt(file) !== undefined)
    throw new CommandError(`${file} exists already, and was left as it is. To replace it, use --force.`);
  requireNoLink(file);
  requirePrivate(path.dirname(path.resolve(file)));
}

/** Writes a file that only its owner may read. @throws CommandError as `requireNewSecret`, and where it can't be written */
export function writeSecret(file: string, text: string, { force }: Force): void {
  requireNewSecret(file, { force });
  write(file, text, { force, mode: OWNER_ONLY });
}

/** Puts a text in the place of a file's, all at once: whoever reads it sees the old or the new one. @throws CommandError */
export function rewrite(file: string, text: string): void {
  write(file, text, { force: true });
}

function write(file: string, text: string, { force, mode }: Force & { readonly mode?: number }): void {
  requireNoLink(file);
  try {
    if (force) replaceFile(file, text, mode ?? modeOf(file));
    else createFile(file, text, mode);
  } catch (error) {
    throw new CommandError(
      `${file} can't be written (${reasonOf(error)}). Check the path and its permissions.`,
    );
  }
}

function modeOf(file: string): number | undefined {
  const found = entryAt(file);
  return found && found.mode & 0o777;
}
