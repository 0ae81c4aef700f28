import type { RowChange } from "../change.js";
import { countsOf } from "./counts.js";
import { dangersOf } from "./dangers.js";
import { devices, idRanges } from "./ids.js";
import type { Sign } from "./sign.js";

/** Something that reviewers should look at first. */
export interface Danger {
  /** What happens to the rows; absent where nothing happens to any, as when a guard is lifted. */
  readonly sign?: Sign;
  /** Such as `2 devices will be deleted`. */
  readonly title: string;
  /** What it means for the devices in the field. */
  readonly consequence: string;
  readonly ids: readonly string[];
}

/** How many rows something happens to. */
export interface Count {
  readonly sign: Sign;
  /** Such as `3 devices to onboard`. */
  readonly text: string;
  readonly ids: readonly string[];
}

/** What is known of a plan, for people. Each change of a row is told once: what is a danger is not counted again. */
export interface Summary {
  readonly dangers: readonly Danger[];
  readonly counts: readonly Count[];
}

/** Tells in few words what will become of rows: danger first, then counts. */
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
    counts: gathered(changes, countsOf, ({ sign, say }) => `${sign} ${say(2)}`)
      .sort(
        (one, other) =>
          SIGNS.indexOf(one.what.sign) - SIGNS.indexOf(other.what.sign) || inOrder(one.key, other.key),
      )
      .map(({ what: { sign, say }, ids }) => ({ sign, text: say(ids.length), ids })),
  };
}

interface Gathered<What> {
  readonly key: string;
  readonly what: What;
  readonly ids: readonly string[];
}

/** What changes have in common, by its key, with the rows that have it. */
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

/** The summary as lines of plain text. */
export function summaryLines({ dangers, counts }: Summary): string[] {
  return [
    ...dangers.flatMap(({ sign = "!", title, consequence, ids }) => [
      `${sign} ${title}: ${idRanges(ids)}`,
      `    ${consequence}`,
    ]),
    ...counts.map(({ sign, text, ids }) => `${sign} ${text}: ${idRanges(ids)}`),
  ];
}

/** That rows differ, and are not changed, because others were chosen. */
export function leftOutText(count: number): string {
  return count === 1
    ? "1 device differs, and is not changed, because only others were chosen"
    : `${devices(count)} differ, and are not changed, because only others were chosen`;
}
