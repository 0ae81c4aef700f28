/** English, with numbers by value. */
const NATURAL = "en-u-kn";

/**
 * Sorts numbers in ids by value: `lab-9` before `lab-10`. The order is that of `Intl.Collator`. It takes seconds for the ids of a large fleet, so
 * it decides only where one has a character that no device id has.
 */
export function inNaturalOrder(one: string, other: string): number {
  return amongDeviceIds(one, other) ?? (one.localeCompare(other, NATURAL) || byText(one, other));
}

function byText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/**
 * The same order for the characters of device ids: `_ - :`, numbers by their values, letters. Upper case counts where nothing else differs, the
 * lower-case letter first, and zeros in front of a number after that. `undefined` where there are other characters.
 */
function amongDeviceIds(one: string, other: string): number | undefined {
  let i = 0;
  let j = 0;
  let byCase = 0;
  for (;;) {
    const a = weightAt(one, i);
    const b = weightAt(other, j);
    if (a === UNKNOWN || b === UNKNOWN) return undefined;
    if (a !== b) return a - b;
    if (a === END) return byCase || byText(one, other);
    if (a === DIGIT) {
      const [start, end] = numberAt(one, i);
      const [from, to] = numberAt(other, j);
      if (weightAt(one, end) === UNKNOWN || weightAt(other, to) === UNKNOWN) return undefined;
      const difference = end - start - (to - from) || byText(one.slice(start, end), other.slice(from, to));
      if (difference !== 0) return difference;
      i = end;
      j = to;
    } else {
      byCase ||= other.charCodeAt(j) - one.charCodeAt(i);
      i++;
      j++;
    }
  }
}

const UNKNOWN = -1;
const END = 0;
const DIGIT = 4;

/** What a character counts for, by its place. */
function weightAt(id: string, at: number): number {
  if (at >= id.length) return END;
  const code = id.charCodeAt(at);
  if (code >= 48 && code <= 57) return DIGIT;
  if (code >= 97 && code <= 122) return code;
  if (code >= 65 && code <= 90) return code + 32;
  return code === 95 ? 1 : code === 45 ? 2 : code === 58 ? 3 : UNKNOWN;
}

/** Where a number begins, after the zeros in front of it, and where it ends. */
function numberAt(id: string, at: number): readonly [number, number] {
  let start = at;
  while (id.charCodeAt(start) === 48) start++;
  let end = start;
  while (weightAt(id, end) === DIGIT) end++;
  return [start, end];
}
