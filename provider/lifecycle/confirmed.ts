import type { Journal } from "../engine/journal.js";
import type { LooseObject } from "../engine/outputs.js";

/**
 * Settles what the journal has of a thing, where the state of it is from after that, and tells whether nothing is open then. The state
 * may be from before: a thing that was taken out to be replaced stays in it until another is made, and a run that is killed then has made
 * one that no state has.
 */
export function confirm(journal: Journal, id: string, { since, changedAt }: LooseObject): boolean {
  const intent = journal.unfinished(id);
  if (intent === undefined) return true;
  const times = [since, changedAt].filter((time) => typeof time === "string");
  if (times.length > 0 && !times.some((time) => intent.at <= time)) return false;
  journal.settle(id);
  return true;
}
