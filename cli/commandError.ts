/** A failure that the user reads as a message, without a stack trace: what happened, and what to do next. */
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

/** A signal interrupted the command. The command has printed a message already, and prints nothing more. */
export class Interrupted extends CommandError {
  constructor() {
    super("Interrupted.");
  }
}
