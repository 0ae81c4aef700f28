/** Changes of a text that leave every other character of it as it is. */

/** A piece of the text that makes room for another; an insertion where `start` is `end`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Of several insertions at one spot the deepest comes first: the last item of a list, then the next key, then the next group. */
  readonly depth: number;
}

/** Two changes want the same piece of a text. */
export class SpliceConflict extends Error {
  override readonly name = "SpliceConflict";
}

/** @throws SpliceConflict */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const ordered = [...splices].sort(
    (one, other) => one.start - other.start || one.end - other.end || other.depth - one.depth,
  );
  let result = "";
  let done = 0;
  for (const { start, end, text: piece } of ordered) {
    if (start < done) throw new SpliceConflict("two changes overlap");
    result += text.slice(done, start) + piece;
    done = end;
  }
  return result + text.slice(done);
}
