import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { CommandError } from "../commandError.js";

/** A file to be written that nobody else may read. */
export interface SecretFile {
  /** Name in the folder. */
  readonly name: string;
  readonly content: string;
}

/**
 * Writes files that only their owner can read (0600) into a folder, which is made (0700) where there is none. Nothing is
 * written where any of them exists already, unless that is asked for; then each is replaced at once by a file of its own. Links
 * are never followed.
 *
 * @throws CommandError that names what is in the way
 */
export function writeSecretFiles(
  folder: string,
  files: readonly SecretFile[],
  { overwrite }: { readonly overwrite: boolean },
): void {
  prepareFolder(folder);
  const inTheWay = files.flatMap(({ name }) => {
    const kind = kindOf(path.join(folder, name));
    return kind === "nothing" || (kind === "file" && overwrite) ? [] : [{ name, kind }];
  });
  const notFiles = inTheWay.filter(({ kind }) => kind === "something else").map(({ name }) => name);
  if (notFiles.length > 0) {
    throw new CommandError(
      `Nothing was written: in ${folder} there are links or folders in the place of ${some(notFiles)}. Links are not followed; remove them, or choose another folder.`,
    );
  }
  if (inTheWay.length > 0) {
    throw new CommandError(
      `Nothing was written: ${folder} has ${some(inTheWay.map(({ name }) => name))} already. Choose another folder, or replace them with --overwrite.`,
    );
  }
  for (const file of files) writeOne(path.join(folder, file.name), file.content, overwrite);
}

function prepareFolder(folder: string): void {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
  else if (found.isSymbolicLink()) {
    throw new CommandError(
      `${folder} is a link, and links are not followed. Give the folder that it leads to.`,
      2,
    );
  } else if (!found.isDirectory()) throw new CommandError(`${folder} is not a folder.`, 2);
}

function kindOf(file: string): "nothing" | "file" | "something else" {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return "nothing";
  return found.isFile() ? "file" : "something else";
}

function writeOne(file: string, content: string, overwrite: boolean): void {
  if (!overwrite) {
    createNew(file, content);
    return;
  }
  // Whoever reads the file meanwhile sees the old one or the new one, whole; what stood there keeps neither mode nor owner.
  const own = mkdtempSync(path.join(path.dirname(file), ".nrfcloud-"));
  try {
    const fresh = path.join(own, path.basename(file));
    createNew(fresh, content);
    renameSync(fresh, file);
  } catch (error) {
    throw error instanceof CommandError ? error : refused(file, error);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** Creates a file that is not there, under no link, or fails. */
function createNew(file: string, content: string): void {
  let handle: number;
  try {
    handle = openSync(file, "wx", 0o600);
  } catch (error) {
    throw refused(file, error);
  }
  try {
    writeFileSync(handle, content);
    fsyncSync(handle);
  } catch (error) {
    rmSync(file, { force: true });
    throw refused(file, error);
  } finally {
    closeSync(handle);
  }
}

function refused(file: string, error: unknown): CommandError {
  return new CommandError(
    `${file} can't be written: ${error instanceof Error ? error.message : String(error)}`,
  );
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
