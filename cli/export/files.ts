import { readFileSync } from "node:fs";
import path from "node:path";
import { CommandError } from "../commandError.js";
import { entryAt, requireNoLink, requirePrivate } from "../files/place.js";
import { createFile, OWNER_ONLY, reasonOf, replaceFile } from "../files/wholeFile.js";

/** The text of a UTF-8 file, with its byte order mark. @throws CommandError */
export function readWhole(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    throw new CommandError(
      `The command can't read ${file} (${reasonOf(error)}). Check the path, and that the file is UTF-8 text.`,
    );
  }
}

/** Writes a file that must not exist yet, unless `force`. @throws CommandError */
export function writeNew(file: string, text: string, { force }: Force): void {
  if (!force && entryAt(file) !== undefined) {
    throw new CommandError(
      `${file} exists already, and the command did not change it. To update it from the account, use --update ${file}. ` +
        "To replace it, use --force.",
    );
  }
  write(file, text, { force });
}

interface Force {
  readonly force: boolean;
}

/** @throws CommandError if the place is not private, or if the file exists already and `force` is not set */
export function requireNewSecret(file: string, { force }: Force): void {
  if (!force && entryAt(file) !== undefined)
    throw new CommandError(
      `${file} exists already, and the command did not change it. To replace it, use --force.`,
    );
  requireNoLink(file);
  requirePrivate(path.dirname(path.resolve(file)));
}

/** Writes a file that only its owner may read. @throws CommandError as `requireNewSecret`, and where it can't be written */
export function writeSecret(file: string, text: string, { force }: Force): void {
  requireNewSecret(file, { force });
  write(file, text, { force, mode: OWNER_ONLY });
}

/** Replaces the text of a file in one step: a reader sees the old or the new text, never a part. @throws CommandError */
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
      `The command can't write ${file} (${reasonOf(error)}). Check the path and its permissions.`,
    );
  }
}

function modeOf(file: string): number | undefined {
  const found = entryAt(file);
  return found && found.mode & 0o777;
}
