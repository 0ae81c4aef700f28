/**
 * A failure that users can act on. Its message says what happened, to what, and what to do next; it reaches
 * them without a stack trace.
 */
export class ExpectedError extends Error {
  override readonly name: string = "ExpectedError";
}

/** Any thrown value as an `Error` that keeps its message and shows no stack where the failure was expected. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
