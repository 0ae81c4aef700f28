import { foldIds } from "../../provider/fleet/foldIds.js";

const LONGEST = 600;

/** Ids in the notation of the fleet file, `lab-{000..499}, spare-1`; what would be a wall of text is cut, and says so. */
export function idText(ids: readonly string[]): string {
  const patterns = foldIds(ids);
  let text = "";
  for (const [i, pattern] of patterns.entries()) {
    const longer = text === "" ? pattern : `${text}, ${pattern}`;
    if (longer.length > LONGEST && text !== "") return `${text} and ${patterns.length - i} more`;
    text = longer;
  }
  return text;
}
