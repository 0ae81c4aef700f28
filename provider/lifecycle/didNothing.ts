import { NoAnswerError, RefusedError } from "../cloud/errors.js";
import { ExpectedError, PartialError } from "../engine/errors.js";

/** Whether a failure proves that the request behind it changed nothing. */
export function didNothing(error: unknown): boolean {
  if (error instanceof RefusedError) return error.status < 500;
  if (error instanceof NoAnswerError) return !error.mayHaveTakenEffect;
  return error instanceof ExpectedError && !(error instanceof PartialError);
}
