/** The rim: fleets from the real file system and environment. */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Fleet, FleetDefinition } from "./fleet.js";
import { loadFleet, resolveFleet } from "./load.js";
import { quote } from "./rules.js";
import { missingFile, tooLarge, UnreadableFile, type DecodeToken, type FleetIo } from "./sources.js";

/** Files and environment of this process. */
export const diskIo: FleetIo = {
  readText(path, maxBytes) {
    requireFile(path);
    if (statSync(path).size > maxBytes) throw tooLarge(path, maxBytes);
    return decode(readFileSync(path), path);
  },
  checkReadable(path) {
    requireFile(path);
    accessSync(path, constants.R_OK);
  },
  env: (name) => process.env[name],
};

/**
 * Loads a fleet file; one with attestation tokens needs `decodeToken`. Throws a `FleetFileError` that names everything
 * wrong with it.
 */
export function loadFleetFile(path: string, decodeToken?: DecodeToken): Fleet {
  return loadFleet(path, withDecoder(decodeToken));
}

/**
 * Resolves a fleet given as an object; one with attestation tokens needs `decodeToken`. Throws a `FleetFileError` that
 * names everything wrong with it.
 */
export function loadFleetDefinition(definition: FleetDefinition, decodeToken?: DecodeToken): Fleet {
  return resolveFleet(definition, withDecoder(decodeToken));
}

function withDecoder(decodeToken: DecodeToken | undefined): FleetIo {
  return decodeToken === undefined ? diskIo : { ...diskIo, decodeToken };
}

/** Devices and pipes would block or never end. */
function requireFile(path: string): void {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw missingFile(resolve(path));
  if (status.isFile()) return;
  throw new UnreadableFile(
    `${quote(path)} is ${status.isDirectory() ? "a folder" : "not a file"}`,
    "name a file",
  );
}

function decode(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableFile(`the file ${quote(path)} is not UTF-8 text`, "save it with the encoding UTF-8");
  }
}
