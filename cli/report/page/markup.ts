/** Escapes texts for HTML. */
import { shortIds } from "../ids.js";
import type { Link } from "../origin.js";
import { number } from "../things.js";

/** The room for ids in a danger or a group, in characters. The list of changes has all ids. */
const IDS_ROOM = 600;

/** Escapes text from outside, for HTML text or the value of an attribute. */
export function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
}

/** Our own sentences, which have code in backticks. */
export function inline(sentence: string): string {
  return text(sentence).replace(/`([^`]*)`/g, "<code>$1</code>");
}

/** Ids as ranges, as many as fit. */
export function idList(ids: readonly string[]): string {
  const { shown, hidden } = shortIds(ids, IDS_ROOM);
  // A line may break within a range, but not within a number.
  const named = shown.map(
    (id) => `<code>${text(id).replaceAll("..", "..<wbr>").replaceAll("-", "-<wbr>")}</code>`,
  );
  return hidden === 0 ? named.join(", ") : `${named.join(", ")} and ${number(hidden)} more`;
}

/** A link that sends no referrer. */
export function anchor({ text: label, address }: Link): string {
  if (address === undefined) return text(label);
  return `<a href="${text(address)}" rel="noreferrer noopener">${text(label)}</a>`;
}

/** A number without a line break. */
export function figure(value: number): string {
  return `<span class="figure">${number(value)}</span>`;
}
