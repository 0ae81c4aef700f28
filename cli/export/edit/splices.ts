/** Changes of a text that keep every other character. */

/** Replaces a part of the text. An insertion if `start` equals `end`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Of several insertions at one place the deepest is first: the last item of a list, then the next key, then the next group. */
  readonly depth: number;
}

/** Two changes replace the same part of a text. */
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
