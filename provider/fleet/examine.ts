/** The one way from plain data to a fleet: nothing forbidden in it, the right shape, and every rule kept. */
import { inspect } from "./data.js";
import type { Fleet, FleetProblem } from "./fleet.js";
import { FleetFileError, Report, type Origin } from "./problems.js";
import { resolveDefinition } from "./resolve.js";
import type { FleetIo } from "./sources.js";
import { validateDefinition } from "./validate.js";

/**
 * Checks and resolves a definition. Relative paths in it start at `folder`; `earlier` are problems found on the way to
 * it. Throws a `FleetFileError` with everything that is wrong.
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
