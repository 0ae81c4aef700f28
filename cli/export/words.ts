/** Counts and ids in remarks and comments. */
import { foldIds } from "../../provider/fleet/foldIds.js";
import { quote } from "../../provider/fleet/rules.js";

/** The number of patterns in a remark. The rest are counted. */
const SHOWN = 10;

/** `1 device`, `12,345 devices`. */
export function deviceCount(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "device" : "devices"}`;
}

/** Ids as patterns, at most ten of them. Unusual ids are quoted, because they may contain anything. */
export function idList(ids: readonly string[]): string {
  const patterns = foldIds(ids).map((id) => (/^[A-Za-z0-9:_{}.-]+$/.test(id) ? id : quote(id)));
  const rest = patterns.length - SHOWN;
  const shown = patterns.slice(0, SHOWN).join(", ");
  return rest > 0 ? `${shown} and ${rest.toLocaleString("en")} more` : shown;
}
