/** The two ways in: the text of a fleet file, and an object of a program. */
import { dirname } from "node:path";
import { examine } from "./examine.js";
import type { Fleet } from "./fleet.js";
import { FleetFileError, programOrigin } from "./problems.js";
import { limits, readFile, type FleetIo } from "./sources.js";
import { heading } from "./validate.js";
import { parseYaml } from "./yaml.js";

/**
 * Reads, checks and resolves a fleet file; docs/fleet-file.md describes the format. Relative paths in it start at its
 * folder. Throws a `FleetFileError` that names everything wrong with it, each with line, column and remedy.
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
 * Checks and resolves a fleet given as an object (a `FleetDefinition`, though nothing is taken for granted). Relative
 * paths in it start at the working directory. Throws a `FleetFileError` that names everything wrong with it by its path.
 */
export function resolveFleet(definition: unknown, io: FleetIo): Fleet {
  return examine(definition, programOrigin, "", io);
}
