import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { CommandError } from "../commandError.js";
import { entryAt, requireNoLink, requirePrivate } from "./place.js";
import { createFile, OWNER_ONLY, reasonOf, replaceFile } from "./wholeFile.js";

/** A file to be written that nobody else may read. */
export interface SecretFile {
  /** Name in the folder. */
  readonly name: string;
  readonly content: string;
}

/**
 * Writes files that only their owner can read (0600) into a folder that only its owner can write, which is made (0700) where there is
 * none. Nothing is written where any of them exists already, unless that is asked for; then each is replaced at once by a file of its
 * own. Links are never followed.
 *
 * @throws CommandError that names what is in the way
 */
export function writeSecretFiles(
  folder: string,
  files: readonly SecretFile[],
  { overwrite }: { readonly overwrite: boolean },
): void {
  requireDistinct(files);
  requireFree(folder, files, overwrite);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw refused(folder, error);
  }
  const write = overwrite ? replaceFile : createFile;
  for (const { name, content } of files) {
    const file = path.join(folder, name);
    try {
      write(file, content, OWNER_ONLY);
    } catch (error) {
      throw refused(file, error);
    }
  }
}

/** Many file systems, and the sticks that files travel on, take `LAB-1` and `lab-1` for one name. */
function requireDistinct(files: readonly SecretFile[]): void {
  const byFolded = new Map<string, string>();
  for (const { name } of files) {
    const other = byFolded.get(folded(name));
    if (other !== undefined)
      throw new CommandError(
        `Nothing was written: ${other} and ${name} would be one file where upper and lower case are not told apart. Write them into two folders.`,
      );
    byFolded.set(folded(name), name);
  }
}

function requireFree(folder: string, files: readonly SecretFile[], overwrite: boolean): void {
  requireNoLink(folder);
  const found = entryAt(folder);
  if (found?.isDirectory() === false) throw new CommandError(`${folder} is not a folder.`, 2);
  requirePrivate(folder);
  if (found === undefined) return;

  const present = new Map(readdirSync(folder).map((name) => [folded(name), name]));
  const inTheWay = files.flatMap(({ name }) => {
    const there = present.get(folded(name));
    return there === undefined ? [] : [{ name, there }];
  });
  const others = inTheWay.filter(({ name, there }) => name !== there).map(({ there }) => there);
  if (others.length > 0)
    throw new CommandError(
      `Nothing was written: ${folder} has ${some(others)}, whose name differs in upper and lower case only. Choose another folder.`,
    );
  const notFiles = inTheWay
    .map(({ name }) => name)
    .filter((name) => !entryAt(path.join(folder, name))?.isFile());
  if (notFiles.length > 0)
    throw new CommandError(
      `Nothing was written: in ${folder} links or folders are in the place of ${some(notFiles)}. Links are not followed; remove them, or choose another folder.`,
    );
  if (inTheWay.length > 0 && !overwrite)
    throw new CommandError(
      `Nothing was written: ${folder} has ${some(inTheWay.map(({ name }) => name))} already. Choose another folder, or replace them with --overwrite.`,
    );
}

function folded(name: string): string {
  return name.toLowerCase();
}

function refused(place: string, error: unknown): CommandError {
  return new CommandError(
    `${place} can't be written (${reasonOf(error)}). Check the path and its permissions.`,
  );
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
