/** What is said of devices in remarks and comments. */
import { foldIds } from "../../provider/fleet/foldIds.js";
import { quote } from "../../provider/fleet/rules.js";

/** Patterns shown in a remark; the rest are counted. */
const SHOWN = 10;

/** `1 device`, `12,345 devices`. */
export function devices(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "device" : "devices"}`;
}

/** Ids as patterns, at most ten of them. Ids that are none are quoted, as they may hold anything. */
export function named(ids: readonly string[]): string {
  const patterns = foldIds(ids).map((id) => (/^[A-Za-z0-9:_{}.-]+$/.test(id) ? id : quote(id)));
  const rest = patterns.length - SHOWN;
  const shown = patterns.slice(0, SHOWN).join(", ");
  return rest > 0 ? `${shown} and ${rest.toLocaleString("en")} more` : shown;
}

/** Items that are said the same words of. */
export function together<Item>(
  items: readonly Item[],
  wordsOf: (item: Item) => string,
): ReadonlyMap<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const words = wordsOf(item);
    const group = groups.get(words);
    if (group) group.push(item);
    else groups.set(words, [item]);
  }
  return groups;
}
