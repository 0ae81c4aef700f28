/** Folds lists of ids into patterns: the inverse of `ids.ts`. */
import { inNaturalOrder } from "./naturalOrder.js";

/** An id, or several ids that are folded into one. */
interface Folded {
  /** The first of the ids, by which the patterns are sorted. */
  readonly first: string;
  /** Start and end of each run of digits in `first`. */
  readonly runs: readonly (readonly [number, number])[];
  /** The part that is folded already, from the end: text, and ranges instead of digits. */
  readonly tail: string;
  /** Where in `first` the tail begins. */
  readonly from: number;
}

interface Member {
  readonly folded: Folded;
  readonly digits: string;
  readonly value: number;
}

/** The last digits of a run, up to the number that a range of a fleet file may have. Digits before them are text. */
const digitRuns = /\d{1,15}(?!\d)/g;

/**
 * Folds ids into patterns of the fleet file: `sensor-{0000..2999}`, `rack-{1..4}-slot-{01..24}`. The patterns match exactly the
 * given ids, since only consecutive ids are folded. Each id appears once, in natural order (`lab-9` before `lab-10`). Text with
 * braces, which no device id has, is kept as it is.
 */
export function foldIds(ids: readonly string[]): string[] {
  const ordered = [...new Set(ids)].sort();
  const alike = ordered.map((id, index) => commonStart(id, ordered[index + 1] ?? ""));
  let folded = ordered.map((id, index): Folded => ({
    first: id,
    runs: runsIn(id, Math.max(alike[index - 1] ?? 0, alike[index] ?? 0)),
    tail: "",
    from: id.length,
  }));
  const mostRuns = folded.reduce((length, { runs }) => Math.max(length, runs.length), 0);
  // From the last run to the first: in a pattern, the last range varies fastest.
  for (let place = mostRuns - 1; place >= 0; place--) folded = foldAt(folded, place);
  return folded
    .sort((a, b) => inNaturalOrder(a.first, b.first))
    .map(({ first, from, tail }) => first.slice(0, from) + tail);
}

/** How many characters two ids begin with alike. */
function commonStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}

/**
 * The runs of digits that may be folded: no id is folded with one that begins otherwise in front of these digits.
 * @param alike how much of its begin the id has in common with another at most
 */
function runsIn(id: string, alike: number): (readonly [number, number])[] {
  if (id.includes("{") || id.includes("}")) return [];
  const runs: (readonly [number, number])[] = [];
  for (const { index, 0: digits } of id.matchAll(digitRuns)) {
    if (index > alike) break;
    runs.push([index, index + digits.length]);
  }
  return runs;
}

function foldAt(folded: readonly Folded[], place: number): Folded[] {
  const byRest = new Map<string, Folded[]>();
  const done: Folded[] = [];
  for (const one of folded) {
    const [start, end] = one.runs[place] ?? [];
    if (start === undefined || end === undefined) {
      done.push(one);
      continue;
    }
    const { first } = one;
    const rest = `${first.slice(0, start)}\0${first.slice(end, one.from)}${one.tail}`;
    const others = byRest.get(rest);
    if (others) others.push(one);
    else byRest.set(rest, [one]);
  }
  for (const those of byRest.values()) {
    if (those.length === 1) done.push(...those);
    else for (const run of runs(those.map((one) => memberAt(one, place)))) done.push(foldRun(run));
  }
  return done;
}

function memberAt(one: Folded, place: number): Member {
  const { first, from } = one;
  const [start, end] = one.runs[place] ?? [from, from];
  const digits = first.slice(start, end);
  const folded = { ...one, tail: first.slice(end, from) + one.tail, from: end };
  return { folded, digits, value: Number(digits) };
}

/** Splits numbers into runs without gaps. `098, 099, 100` is a run, and `9, 10` is one, but never `09` after `8`. */
function runs(members: readonly Member[]): Member[][] {
  const open = new Map<number, Member[]>();
  const all: Member[][] = [];
  const ordered = [...members].sort((a, b) => a.value - b.value || b.digits.length - a.digits.length);
  for (const member of ordered) {
    const { digits } = member;
    // A run with leading zeros continues only with numbers of its length, one without them only with unpadded numbers.
    const widths = isPadded(digits) ? [digits.length] : [digits.length, 0];
    const openWidth = widths.find((width) => open.get(width)?.at(-1)?.value === member.value - 1);
    const run = openWidth === undefined ? undefined : open.get(openWidth);
    if (run) run.push(member);
    else {
      const newRun = [member];
      all.push(newRun);
      open.set(isPadded(digits) ? digits.length : 0, newRun);
    }
  }
  return all;
}

function isPadded(digits: string): boolean {
  return digits.length > 1 && digits.startsWith("0");
}

function foldRun(run: readonly Member[]): Folded {
  const [first, last] = [run[0], run.at(-1)];
  if (!first || !last) throw new Error("A run of ids has no ids");
  const { folded, digits } = first;
  if (first === last) return folded;
  return {
    ...folded,
    tail: `{${digits}..${last.digits}}${folded.tail}`,
    from: folded.from - digits.length,
  };
}
