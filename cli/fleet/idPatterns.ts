import { IdPatternError, parseIdPatterns } from "../../provider/fleet/idPatterns.js";
import { CommandError } from "../commandError.js";

/**
 * Reads patterns of ids from the command line, such as `lab-{000..499}` or `lab-*`.
 * @param what the option or argument, such as `--only`
 * @returns whether an id matches
 * @throws CommandError (2) for an invalid pattern
 */
export function readIdPatterns(patterns: readonly string[], what: string): (deviceId: string) => boolean {
  try {
    return parseIdPatterns(...patterns);
  } catch (error) {
    if (error instanceof IdPatternError) throw new CommandError(`${what}: ${error.message}`, 2);
    throw error;
  }
}
