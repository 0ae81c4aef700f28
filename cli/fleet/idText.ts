import { shortIds } from "../report/ids.js";
import { figure } from "../terminal.js";

const LONGEST = 600;

/** Ids in the notation of the fleet file: `lab-{000..499}, spare-1`. Long lists are cut, with the number of hidden ids. */
export function idText(ids: readonly string[]): string {
  const { shown, hidden } = shortIds(ids, LONGEST);
  return hidden === 0 ? shown.join(", ") : `${shown.join(", ")} and ${figure(hidden)} more`;
}
