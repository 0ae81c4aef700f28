/** A failure that is told to the user in words, without a stack trace: what happened, and what to do next. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  /** @param exitCode 1: the work failed. 2: the command was used wrongly. */
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}
