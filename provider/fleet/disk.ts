/** Loads fleets from the real file system and environment. */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Fleet } from "./fleet.js";
import type { FleetDefinition } from "./definition.js";
import { loadFleet, resolveFleet } from "./load.js";
import { quote } from "./rules.js";
import type { Contents, FleetIo } from "./sources/io.js";
import { missingFile, tooLarge } from "./sources/file.js";
import { UnreadableFile } from "./sources/unreadableFile.js";

export const diskIo: FleetIo = {
  readBytes(path, maxBytes) {
    requireFile(path);
    if (statSync(path).size > maxBytes) throw tooLarge(path, maxBytes);
    return readFileSync(path);
  },
  checkReadable(path) {
    requireFile(path);
    accessSync(path, constants.R_OK);
  },
  env: (name) => process.env[name],
};

/**
 * Loads a fleet file; one with attestation tokens needs `contents`. Throws a `FleetFileError` that names everything
 * wrong with it.
 */
export function loadFleetFile(path: string, contents?: Contents): Fleet {
  return loadFleet(path, withContents(contents));
}

/**
 * Resolves a fleet given as an object; one with attestation tokens needs `contents`. Throws a `FleetFileError` that
 * names everything wrong with it.
 */
export function loadFleetDefinition(definition: FleetDefinition, contents?: Contents): Fleet {
  return resolveFleet(definition, withContents(contents));
}

function withContents(contents: Contents | undefined): FleetIo {
  return contents === undefined ? diskIo : { ...diskIo, contents };
}

/** Special files and pipes could block or never end. */
function requireFile(path: string): void {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw missingFile(resolve(path));
  if (status.isFile()) return;
  throw new UnreadableFile(
    `${quote(path)} is ${status.isDirectory() ? "a folder" : "not a file"}`,
    "name a file",
  );
}
