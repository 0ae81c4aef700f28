import type { Journal } from "../engine/journal.js";
import type { LooseObject } from "../engine/outputs.js";

/**
 * Settles what the journal has of a thing, where the state of it is from after that, and tells whether nothing is open then. The state
 * may be from before: a thing that was taken out to be replaced stays in it until another is made, and a run that is killed then has made
 * one that no state has.
 */
export function confirm(journal: Journal, id: string, state: LooseObject): boolean {
  const intent = journal.unfinished(id);
  if (intent === undefined) return true;
  if (timesOf(state).length > 0 && !isFromAfter(state, intent.at)) return false;
  journal.settle(id);
  return true;
}

/** Whether a state has an arrival or a change of this time or a later one (ISO 8601). */
export function isFromAfter(state: LooseObject, time: string): boolean {
  return timesOf(state).some((each) => each >= time);
}

function timesOf({ since, changedAt }: LooseObject): readonly string[] {
  return [since, changedAt].filter((time) => typeof time === "string");
}
