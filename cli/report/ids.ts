import { foldIds } from "../../provider/fleet/foldIds.js";
import { parseIdPattern } from "../../provider/fleet/idPattern.js";

/** Ids in as few words as there is room for. */
export interface ShortIds {
  readonly shown: readonly string[];
  /** How many ids are not among those shown. */
  readonly hidden: number;
}

/** The same ids are shown at several places, with more room or less, and folding 100,000 takes its time. */
const folded = new WeakMap<readonly string[], string[]>();

/**
 * Folds ids to ranges, and leaves out what does not fit.
 * @param room most characters, separators counted as four
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
