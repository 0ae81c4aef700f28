import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  type Stats,
} from "node:fs";
import path from "node:path";
import { folderError, IS_LINK, isCode } from "./errors.js";

const OWNER_ONLY = 0o700;
const OTHERS = 0o077;

/**
 * Checks that logs can be written into a folder, which need not exist. Changes nothing.
 * @param folder absolute path
 * @throws ExpectedError, whose message explains the folder
 */
export function requireWritable(folder: string): void {
  try {
    const found = entryAt(folder);
    if (found === undefined) requireUsable(nearestExisting(folder));
    else requireOwn(folder, found);
  } catch (thrown) {
    throw folderError(folder, thrown);
  }
}

/** Creates the folder with access for its owner only. @throws ExpectedError, whose message explains the folder */
export function makeFolder(folder: string): void {
  requireWritable(folder);
  try {
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
    if ((lstatSync(folder).mode & OTHERS) !== 0) chmodSync(folder, OWNER_ONLY);
  } catch (thrown) {
    throw folderError(folder, thrown);
  }
}

/** Names of the files in a folder; none without a folder. @throws ExpectedError */
export function filesIn(folder: string): readonly string[] {
  try {
    const found = entryAt(folder);
    if (found === undefined) return [];
    requireFolder(folder, found);
    return readdirSync(folder);
  } catch (thrown) {
    throw folderError(folder, thrown);
  }
}

function requireOwn(folder: string, found: Stats): void {
  requireFolder(folder, found);
  const user = process.getuid?.();
  const isAccessibleToOthers = (found.mode & OTHERS) !== 0;
  // Only the owner and root can change the permissions.
  if (isAccessibleToOthers && user !== undefined && user !== 0 && user !== found.uid)
    throw new Error("others can read or change it, and it belongs to another user");
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
}

function requireFolder(folder: string, found: Stats): void {
  if (found.isSymbolicLink()) throw new Error(IS_LINK);
  if (!found.isDirectory()) throw new Error(`${folder} is not a folder`);
}

function requireUsable(folder: string): void {
  if (!statSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`);
  accessSync(folder, constants.W_OK | constants.X_OK);
}

/** The nearest existing folder above. */
function nearestExisting(folder: string): string {
  const parent = path.dirname(folder);
  return parent === folder || entryAt(parent) !== undefined ? parent : nearestExisting(parent);
}

function entryAt(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch (thrown) {
    if (isCode(thrown, "ENOENT", "ENOTDIR")) return undefined;
    throw thrown;
  }
}
