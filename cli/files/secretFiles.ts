import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { CommandError } from "../commandError.js";
import { entryAt, requireNoLink, requirePrivate } from "./place.js";
import { createFile, OWNER_ONLY, reasonOf, replaceFile } from "./wholeFile.js";

/** A file that only its owner may read. */
export interface SecretFile {
  /** Name in the folder. */
  readonly name: string;
  readonly content: string;
}

/**
 * Writes files that only their owner can read (0600) into a folder that only its owner can write. Creates a missing folder (0700).
 * Writes nothing if any of the files exists already, unless `overwrite` is set: then it replaces each file in one step. Follows no
 * links.
 *
 * @throws CommandError that names the obstacle
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

/** Many file systems, and USB sticks, treat `LAB-1` and `lab-1` as one name. */
function requireDistinct(files: readonly SecretFile[]): void {
  const byFolded = new Map<string, string>();
  for (const { name } of files) {
    const other = byFolded.get(folded(name));
    if (other !== undefined)
      throw new CommandError(
        `Nothing was written: ${other} and ${name} would be one file on disks that ignore upper and lower case. Write them into two folders.`,
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
      `Nothing was written: ${folder} has links or folders with the names ${some(notFiles)}. Remove them, or choose another folder.`,
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
    `The command can't write ${place} (${reasonOf(error)}). Check the path and its permissions.`,
  );
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
