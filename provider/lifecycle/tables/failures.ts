import { devices, idRanges } from "../../reconcile/plan/summary.js";

/** One text for each reason, with the devices that it is true of. */
export function failureTexts(failures: ReadonlyMap<string, string>): string[] {
  const byReason = new Map<string, string[]>();
  for (const [id, reason] of failures) {
    const ids = byReason.get(reason);
    if (ids === undefined) byReason.set(reason, [id]);
    else ids.push(id);
  }
  return [...byReason].map(([reason, ids]) => `${devices(ids.length)} (${idRanges(ids)}): ${reason}`);
}
