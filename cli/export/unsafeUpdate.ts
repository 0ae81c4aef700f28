/** The command can't change the file without risk. It has not changed the file. */
export class UnsafeUpdate extends Error {
  override readonly name = "UnsafeUpdate";
}
