/** Texts as HTML. */
import { shortIds } from "../ids.js";
import type { Link } from "../origin.js";
import { number } from "../things.js";

/** Room for ids in a danger and in a group, in characters; the list of changes has all of them. */
const IDS_ROOM = 600;

/** Text of others as text of HTML, or as the value of an attribute. */
export function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
}

/** Our own sentences have code between backticks. */
export function inline(sentence: string): string {
  return text(sentence).replace(/`([^`]*)`/g, "<code>$1</code>");
}

/** Ids as ranges, as many as there is room for. */
export function idList(ids: readonly string[]): string {
  const { shown, hidden } = shortIds(ids, IDS_ROOM);
  // A line may break in a range, but in no number.
  const named = shown.map(
    (id) => `<code>${text(id).replaceAll("..", "..<wbr>").replaceAll("-", "-<wbr>")}</code>`,
  );
  return hidden === 0 ? named.join(", ") : `${named.join(", ")} and ${number(hidden)} more`;
}

/** A link that tells nobody where it was followed from. */
export function anchor({ text: label, address }: Link): string {
  if (address === undefined) return text(label);
  return `<a href="${text(address)}" rel="noreferrer noopener">${text(label)}</a>`;
}

/** A number that never breaks. */
export function figure(value: number): string {
  return `<span class="figure">${number(value)}</span>`;
}
