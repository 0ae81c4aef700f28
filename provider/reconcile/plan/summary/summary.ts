import type { RowChange } from "../change.js";
import { countsOf } from "./counts.js";
import { dangersOf } from "./dangers.js";
import { devices, idRanges } from "./ids.js";
import type { Sign } from "./sign.js";

/** A change that reviewers must see first. */
export interface Danger {
  /** Absent: no row changes, as when a guard is removed. */
  readonly sign?: Sign;
  /** Such as `2 devices will be deleted`. */
  readonly title: string;
  /** The effect on devices in the field. */
  readonly consequence: string;
  readonly ids: readonly string[];
}

/** A change that is not a danger, with its rows. */
export interface Count {
  readonly sign: Sign;
  /** Such as `3 devices to onboard`. */
  readonly text: string;
  readonly ids: readonly string[];
}

/** A plan for people. Each change of a row is in it once, as a danger or in a count. */
export interface Summary {
  readonly dangers: readonly Danger[];
  readonly counts: readonly Count[];
}

/** Summarizes changes: dangers first, then counts. */
export function summarize(changes: ReadonlyMap<string, RowChange>): Summary {
  return {
    dangers: gathered(changes, dangersOf, ({ title }) => title(2))
      .sort((one, other) => one.what.rank - other.what.rank || inOrder(one.key, other.key))
      .map(({ what: { sign, title, consequence }, ids }) => ({
        sign,
        title: title(ids.length),
        consequence: consequence(ids.length),
        ids,
      })),
    counts: gathered(changes, countsOf, ({ sign, text }) => `${sign} ${text(2)}`)
      .sort(
        (one, other) =>
          SIGNS.indexOf(one.what.sign) - SIGNS.indexOf(other.what.sign) || inOrder(one.key, other.key),
      )
      .map(({ what: { sign, text }, ids }) => ({ sign, text: text(ids.length), ids })),
  };
}

interface Gathered<What> {
  readonly key: string;
  readonly what: What;
  readonly ids: readonly string[];
}

/** Groups rows by what their changes have in common. */
function gathered<What>(
  changes: ReadonlyMap<string, RowChange>,
  read: (change: RowChange) => readonly What[],
  keyOf: (what: What) => string,
): Gathered<What>[] {
  const all = new Map<string, { readonly key: string; readonly what: What; readonly ids: string[] }>();
  for (const [id, change] of changes) {
    for (const what of read(change)) {
      const key = keyOf(what);
      const known = all.get(key);
      if (known === undefined) all.set(key, { key, what, ids: [id] });
      else known.ids.push(id);
    }
  }
  return [...all.values()];
}

const SIGNS: readonly Sign[] = ["+", "~", "-/+", "-"];

function inOrder(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

export function summaryLines({ dangers, counts }: Summary): string[] {
  return [
    ...dangers.flatMap(({ sign = "!", title, consequence, ids }) => [
      `${sign} ${title}: ${idRanges(ids)}`,
      `    ${consequence}`,
    ]),
    ...counts.map(({ sign, text, ids }) => `${sign} ${text}: ${idRanges(ids)}`),
  ];
}

/** The line about rows that differ and are not changed, because others were chosen. */
export function leftOutText(count: number): string {
  return count === 1
    ? "1 device differs, and is not changed, because only others were chosen"
    : `${devices(count)} differ, and are not changed, because only others were chosen`;
}
