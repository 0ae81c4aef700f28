/**
 * A failure that users can act on. Its message says what happened, to what, and what to do. It is shown without a stack trace.
 */
export class ExpectedError extends Error {
  override readonly name: string = "ExpectedError";
}

/** Converts any thrown value to an `Error`. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
