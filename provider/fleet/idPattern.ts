/** Device id patterns: `lab-{000..499}`, `rack-{1..4}-slot-{01..24}`. */
import { checkDeviceId, deviceIdPattern, quote, type Violation } from "./rules.js";

/** A pattern that yields only valid device ids. */
export interface IdPattern {
  /** The number of ids: the product of its ranges, 1 without any. */
  readonly count: number;
  /** The ids. The last range varies fastest. */
  ids(): Iterable<string>;
}

export type ParsedIdPattern =
  { readonly ok: true; readonly pattern: IdPattern } | ({ readonly ok: false } & Violation);

interface Range {
  readonly first: number;
  readonly size: number;
  /** The length to pad to with zeros; 1 for ranges without leading zeros. */
  readonly width: number;
}

/** A JavaScript number is exact up to fifteen digits, which is also the length of an IMEI. */
const maxRangeDigits = 15;

/**
 * Parses an id pattern: text with any number of `{from..to}` ranges. With leading zeros both bounds must have the same length,
 * so that `{00..150}` is not ambiguous.
 */
export function parseIdPattern(text: string): ParsedIdPattern {
  const pieces = text.split(/(\{[^{}]*\})/);
  const literals = pieces.filter((_, index) => index % 2 === 0);
  const ranges: Range[] = [];
  for (const piece of pieces.filter((_, index) => index % 2 === 1)) {
    const range = parseRange(piece);
    if ("message" in range) return { ok: false, ...range };
    ranges.push(range);
  }
  const stray = literals.find((literal) => /[{}]/.test(literal));
  if (stray !== undefined) {
    return {
      ok: false,
      message: `${quote(text)} is not an id pattern: a brace has no partner`,
      fix: "write ranges as {000..499}",
    };
  }
  const bad = literals.find((literal) => literal !== "" && !deviceIdPattern.test(literal));
  const violation = bad === undefined ? checkDeviceId(longest(literals, ranges)) : checkDeviceId(bad);
  if (violation) return { ok: false, ...violation };
  const count = ranges.reduce((product, range) => product * range.size, 1);
  return { ok: true, pattern: { count, ids: () => expand(literals, ranges, count) } };
}

function parseRange(piece: string): Range | Violation {
  const match = /^\{(\d+)\.\.(\d+)\}$/.exec(piece);
  const [, from, to] = match ?? [];
  if (from === undefined || to === undefined) {
    return {
      message: `${quote(piece)} is not a range`,
      fix: "write two whole numbers with two dots between: {000..499}",
    };
  }
  if (from.length > maxRangeDigits || to.length > maxRangeDigits) {
    return {
      message: `the range ${piece} has more than ${maxRangeDigits} digits`,
      fix: "write the digits that do not change outside the braces",
    };
  }
  const padded = /^0\d/.test(from) || /^0\d/.test(to);
  if (padded && from.length !== to.length) {
    const width = Math.max(from.length, to.length);
    return {
      message: `the range ${piece} has leading zeros, but its bounds differ in length`,
      fix: `write {${from.padStart(width, "0")}..${to.padStart(width, "0")}}, or no leading zeros at all`,
    };
  }
  const [first, last] = [Number(from), Number(to)];
  if (last < first) return { message: `the range ${piece} runs backwards`, fix: `write {${to}..${from}}` };
  return { first, size: last - first + 1, width: padded ? from.length : 1 };
}

function* expand(literals: readonly string[], ranges: readonly Range[], count: number): Iterable<string> {
  for (let index = 0; index < count; index++) yield member(literals, ranges, index);
}

/** The id at an index of the cross product: the ranges are the digits of the index. */
function member(literals: readonly string[], ranges: readonly Range[], index: number): string {
  let rest = index;
  let id = "";
  for (let at = literals.length - 1; at >= 0; at--) {
    id = `${literals[at] ?? ""}${id}`;
    const range = ranges[at - 1];
    if (!range) continue;
    id = `${String(range.first + (rest % range.size)).padStart(range.width, "0")}${id}`;
    rest = Math.floor(rest / range.size);
  }
  return id;
}

function longest(literals: readonly string[], ranges: readonly Range[]): string {
  const ends = ranges.map((range) => String(range.first + range.size - 1).padStart(range.width, "0"));
  return literals.map((literal, at) => `${literal}${ends[at] ?? ""}`).join("");
}
