/** Loads a fleet from a file or from an object of a program. */
import { dirname } from "node:path";
import { examine } from "./examine.js";
import type { Fleet } from "./fleet.js";
import { FleetFileError, programOrigin } from "./problems.js";
import type { FleetIo } from "./sources/io.js";
import { limits, readFile } from "./sources/file.js";
import { heading } from "./shape/validate.js";
import { parseYaml } from "./yaml/parse.js";

/**
 * Reads, checks and resolves a fleet file; docs/fleet-file.md describes the format. Relative paths in it start at its
 * folder. Throws a `FleetFileError` with all problems, each with line, column and fix.
 */
export function loadFleet(file: string, io: FleetIo): Fleet {
  const at = { file, line: 1, column: 1 };
  const read = readFile(file, limits.fleetFile, io);
  if (!read.ok) throw new FleetFileError([{ path: "", at, message: read.message, fix: read.fix }]);
  const parsed = parseYaml(read.value, file);
  if (parsed.fatal) throw new FleetFileError(parsed.problems);
  if (parsed.value === null) {
    const fix = `begin it with "apiVersion: ${heading.apiVersion}" and "kind: ${heading.kind}", then groups`;
    throw new FleetFileError([{ path: "", at, message: "the fleet file is empty", fix }]);
  }
  return examine(parsed.value, parsed.origin, dirname(file), io, parsed.problems);
}

/**
 * Checks and resolves a fleet that is given as an object (a `FleetDefinition` of a JavaScript program may have any type).
 * Relative paths in it start at the working directory. Throws a `FleetFileError` with all problems, each with its path.
 */
export function resolveFleet(definition: unknown, io: FleetIo): Fleet {
  return examine(definition, programOrigin, "", io);
}
