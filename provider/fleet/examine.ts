/** The steps from plain data to a fleet: inspect, validate, resolve. */
import { inspect } from "./data.js";
import type { Fleet } from "./fleet.js";
import type { FleetProblem } from "./problems.js";
import { FleetFileError, Report, type Origin } from "./problems.js";
import { resolveDefinition } from "./resolve/fleet.js";
import type { FleetIo } from "./sources/io.js";
import { validateDefinition } from "./shape/validate.js";

/**
 * Checks and resolves a definition. Relative paths in it start at `folder`; `earlier` are problems that the parser found.
 * Throws a `FleetFileError` with all problems.
 */
export function examine(
  definition: unknown,
  origin: Origin,
  folder: string,
  io: FleetIo,
  earlier: readonly FleetProblem[] = [],
): Fleet {
  const report = new Report(origin);
  for (const problem of earlier) report.add(problem, problem);
  const { safe, values } = inspect(definition, report);
  if (!safe) throw new FleetFileError(report.problems);
  validateDefinition(definition, values, report);
  const fleet = resolveDefinition(definition, folder, io, report);
  const { problems, remarks } = report;
  if (problems.length > 0) throw new FleetFileError(problems);
  return remarks.length > 0 ? { ...fleet, remarks } : fleet;
}
