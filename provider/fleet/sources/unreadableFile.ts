/** A file can't be read. `fix` says what to do. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";

  constructor(
    message: string,
    readonly fix: string,
  ) {
    super(message);
  }
}
