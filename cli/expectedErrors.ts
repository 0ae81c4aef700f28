import { ExpectedError } from "../provider/engine/errors.js";
import { FleetFileError } from "../provider/fleet/problems.js";
import { expectedErrors } from "../provider/lifecycle/session/expectedErrors.js";
import { CommandError } from "./commandError.js";

/** Turns failures that users can act on into a `CommandError`, which is printed without a stack trace. */
export async function withExpectedErrors<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FleetFileError)
      throw new CommandError(`The fleet file has errors:\n${error.message}`);
    if (error instanceof ExpectedError || expectedErrors.some((kind) => error instanceof kind)) {
      throw new CommandError(error instanceof Error ? error.message : String(error));
    }
    throw error;
  }
}
