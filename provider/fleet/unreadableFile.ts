/** A failure to read a file that knows its remedy. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";

  constructor(
    message: string,
    readonly fix: string,
  ) {
    super(message);
  }
}
