/** Many ids in few words: the inverse of the patterns of a fleet file (`ids.ts`). */
import { inNaturalOrder } from "./naturalOrder.js";

/** An id, or several that are folded so far. */
interface Folded {
  /** The first id it stands for, by which the patterns are put in order. */
  readonly first: string;
  /** Where runs of digits begin and end in `first`. */
  readonly runs: readonly (readonly [number, number])[];
  /** What has been looked at, from the end: text, and ranges in place of digits. */
  readonly tail: string;
  /** Where in `first` the tail begins. */
  readonly from: number;
}

interface Member {
  readonly folded: Folded;
  readonly digits: string;
  readonly value: number;
}

/** The last digits of a run, as many as a range of a fleet file may have; digits in front of them stay as they are. */
const digitRuns = /\d{1,15}(?!\d)/g;

/**
 * Folds ids to patterns in the notation of the fleet file: `sensor-{0000..2999}`, `rack-{1..4}-slot-{01..24}`. Only ids
 * that follow each other are folded, so the patterns stand for exactly the given ids; the others stay as they are.
 * Each id is told once, in natural order (`lab-9` before `lab-10`). Text with braces, which no device id has, is left alone.
 */
export function foldIds(ids: readonly string[]): string[] {
  let folded = [...new Set(ids)].map((id): Folded => ({
    first: id,
    runs: runsIn(id),
    tail: "",
    from: id.length,
  }));
  const most = folded.reduce((length, { runs }) => Math.max(length, runs.length), 0);
  // The last digits count first, as in a pattern, where the last range turns fastest.
  for (let place = most - 1; place >= 0; place--) folded = foldAt(folded, place);
  return folded
    .sort((a, b) => inNaturalOrder(a.first, b.first))
    .map(({ first, from, tail }) => first.slice(0, from) + tail);
}

function runsIn(id: string): (readonly [number, number])[] {
  if (/[{}]/.test(id)) return [];
  return [...id.matchAll(digitRuns)].map(({ index, 0: digits }) => [index, index + digits.length]);
}

function foldAt(folded: readonly Folded[], place: number): Folded[] {
  const alike = new Map<string, Member[]>();
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
    const others = alike.get(rest);
    if (others) others.push(member);
    else alike.set(rest, [member]);
  }
  for (const members of alike.values()) {
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
    // A run with zeros in front goes on in numbers of its own length; a run without them takes any other number.
    const widths = isPadded(digits) ? [digits.length] : [digits.length, 0];
    const going = widths.find((width) => open.get(width)?.at(-1)?.value === member.value - 1);
    const run = going === undefined ? undefined : open.get(going);
    if (run) run.push(member);
    else {
      const fresh = [member];
      all.push(fresh);
      open.set(isPadded(digits) ? digits.length : 0, fresh);
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
