/**
 * A failure that users can act on. Its message says what happened, to what, and what to do next; it reaches
 * them without a stack trace.
 */
export class ExpectedError extends Error {
  override readonly name: string = "ExpectedError";
}

/**
 * The remote object exists, but not yet as declared. The engine records `state` under `id`, shows `reasons`,
 * and calls `update` in the next operation even when nothing else changed.
 */
export class PartialError extends ExpectedError {
  override readonly name = "PartialError";

  constructor(
    readonly id: string,
    readonly state: Readonly<Record<string, unknown>>,
    readonly reasons: readonly string[],
  ) {
    super(reasons.join("\n"));
  }
}

/** Any thrown value as an `Error` that keeps its message and shows no stack where the failure was expected. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
