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
  let folded = [...new Set(ids)].map((id): Folded => ({
    first: id,
    runs: runsIn(id),
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

function runsIn(id: string): (readonly [number, number])[] {
  if (/[{}]/.test(id)) return [];
  return [...id.matchAll(digitRuns)].map(({ index, 0: digits }) => [index, index + digits.length]);
}

function foldAt(folded: readonly Folded[], place: number): Folded[] {
  const byRest = new Map<string, Member[]>();
  const done: Folded[] = [];
  for (const one of folded) {
    const [start, end] = one.runs[place] ?? [];
    if (start === undefined || end === undefined) {
      done.push(one);
      continue;
    }
    const { first } = one;
    const tail = first.slice(end, one.from) + one.tail;
    const digits = first.slice(start, end);
    const member = { folded: { ...one, tail, from: end }, digits, value: Number(digits) };
    const rest = `${first.slice(0, start)}\0${tail}`;
    const others = byRest.get(rest);
    if (others) others.push(member);
    else byRest.set(rest, [member]);
  }
  for (const members of byRest.values()) {
    for (const run of runs(members)) done.push(foldRun(run));
  }
  return done;
}

/** Splits numbers into runs without gaps. `098, 099, 100` is a run, and `9, 10` is one, but never `09` after `8`. */
function runs(members: readonly Member[]): Member[][] {
  if (members.length === 1) return [[...members]];
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
