import { groupPairs } from "../../fleet/groupBy.js";
import { devices, idRanges } from "../../reconcile/plan/summary/ids.js";

/** One text for each reason, with its devices. */
export function failureTexts(failures: ReadonlyMap<string, string>): string[] {
  return [...idsByReason(failures)].map(
    ([reason, ids]) => `${devices(ids.length)} (${idRanges(ids)}): ${reason}`,
  );
}

/**
 * Groups devices by their reasons.
 * @param reasons by device id
 */
export function idsByReason(reasons: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  return groupPairs([...reasons].map(([id, reason]) => [reason, id]));
}
