import { foldIds } from "../../provider/fleet/foldIds.js";
import { parseIdPattern } from "../../provider/fleet/idPattern.js";

/** Ids that are shortened to a limited room. */
export interface ShortIds {
  readonly shown: readonly string[];
  /** The number of ids that are not shown. */
  readonly hidden: number;
}

/** A report shows the same ids in several places, with different room, and folding 100,000 ids is slow. */
const folded = new WeakMap<readonly string[], string[]>();

/**
 * Folds ids to ranges, and leaves out those that do not fit.
 * @param room the highest number of characters; each separator counts as four
 */
export function shortIds(ids: readonly string[], room: number): ShortIds {
  const patterns = folded.get(ids) ?? foldIds(ids);
  folded.set(ids, patterns);
  let left = room;
  let take = 0;
  for (const pattern of patterns) {
    left -= pattern.length + 4;
    if (left < 0 && take > 0) break;
    take++;
  }
  return {
    shown: patterns.slice(0, take),
    hidden: patterns.slice(take).reduce((sum, pattern) => sum + countOf(pattern), 0),
  };
}

function countOf(pattern: string): number {
  if (!pattern.includes("{")) return 1;
  const parsed = parseIdPattern(pattern);
  return parsed.ok ? parsed.pattern.count : 1;
}
