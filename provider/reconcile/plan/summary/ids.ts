import { foldIds } from "../../../fleet/foldIds.js";

/** Ids in the notation of the fleet file. The text has a limit, because nobody reads thousands of scattered ids. */
export function idRanges(ids: readonly string[], mostCharacters = 1000): string {
  const text = foldIds(ids).join(", ");
  if (text.length <= mostCharacters) return text;
  return `${text.slice(0, text.lastIndexOf(", ", mostCharacters))} and more`;
}

/** `1 device`, `12 devices`. */
export function devices(count: number): string {
  return count === 1 ? "1 device" : `${count.toLocaleString("en")} devices`;
}
