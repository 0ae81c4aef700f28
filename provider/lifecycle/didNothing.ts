import { NoAnswerError, RefusedError, mayHaveTakenEffect } from "../cloud/errors.js";
import { ExpectedError, PartialError } from "../engine/errors.js";

/** A refusal of something that was sent before, with an answer that was lost: the first try may yet take effect. */
export class UncertainError extends ExpectedError {}

/** Whether a failure proves that the request behind it changed nothing. */
export function didNothing(error: unknown): boolean {
  if (error instanceof RefusedError || error instanceof NoAnswerError) return !mayHaveTakenEffect(error);
  return (
    error instanceof ExpectedError && !(error instanceof PartialError) && !(error instanceof UncertainError)
  );
}
