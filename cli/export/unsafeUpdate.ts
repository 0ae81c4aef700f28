/** A file that could not be changed without risk; nothing was. */
export class UnsafeUpdate extends Error {
  override readonly name = "UnsafeUpdate";
}
