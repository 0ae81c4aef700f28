import type { Change } from "./changes.js";
import { code } from "./escape.js";
import type { Group } from "./groups.js";
import { shortIds } from "./ids.js";
import { effectOf, counted, number, predicate, type Action } from "./things.js";
import type { FieldChange } from "./values.js";

/** A group of changes as a line of a list, with details. */
export interface Entry {
  readonly line: string;
  readonly detail: string | undefined;
  /** The number of changes in the group. */
  readonly changes: number;
}

/** Room for ids and fields on the line, and in the details. */
const LINE_ROOM = 300;
const DETAIL_ROOM = 3_000;
const EXAMPLES = 3;
const EXAMPLES_IN_DETAIL = 20;

export function groupEntry({ kind, action, changes, what }: Group): Entry {
  const ids = changes.map(({ id }) => id);
  const count = kind.isOurs
    ? counted(changes.length, kind)
    : `${number(changes.length)} of ${code(kind.type, 120)}`;
  const short = idsText(ids, LINE_ROOM);
  const fields =
    what.kind === "equal"
      ? fieldsText(what.fields, LINE_ROOM, action)
      : examplesText(what.fields, changes, EXAMPLES);
  const after = effectOf(kind, action);
  const says = [
    `- **${count}** ${predicate(kind, action, changes.length)}: ${short.text}`,
    ...(fields.text === "" ? [] : [fields.text]),
    ...(after === undefined ? [] : [after]),
  ];
  const line = says.join(" · ");
  const details = [
    ...(short.whole ? [] : [idsText(ids, DETAIL_ROOM).text]),
    ...(fields.whole
      ? []
      : what.kind === "equal"
        ? [fieldsText(what.fields, DETAIL_ROOM, action).text]
        : exampleItems(changes)),
  ];
  const detail =
    details.length === 0
      ? undefined
      : `  <details><summary>more</summary>\n\n${details.map((text) => `  ${text}`).join("\n")}\n\n  </details>`;
  return { line, detail, changes: changes.length };
}

interface Shortened {
  readonly text: string;
  /** Whether the text is complete. */
  readonly whole: boolean;
}

function idsText(ids: readonly string[], room: number): Shortened {
  const { shown, hidden } = shortIds(ids, room);
  const text = shown.map((id) => code(id, 100)).join(", ");
  return hidden === 0 ? { text, whole: true } : { text: `${text} and ${number(hidden)} more`, whole: false };
}

function fieldsText(fields: readonly FieldChange[], room: number, action: Action): Shortened {
  const texts: string[] = [];
  let left = room;
  let whole = true;
  for (const field of fields) {
    const text = fieldText(field, room === LINE_ROOM ? 60 : 500, action);
    if (text.length > left && texts.length > 0) break;
    if (text !== fieldText(field, 500, action)) whole = false;
    texts.push(text);
    left -= text.length;
  }
  const hidden = fields.length - texts.length;
  if (hidden === 0) return { text: texts.join(", "), whole };
  return { text: `${texts.join(", ")} and ${number(hidden)} more fields`, whole: false };
}

function fieldText({ field, before, after, alone }: FieldChange, most: number, action: Action): string {
  const name = code(field, 60);
  if (alone === true) return `${name} ${code(after ?? before ?? "", most)}`;
  const [one, other] = [before, after].map((value) => (value === undefined ? "none" : code(value, most)));
  if (one === undefined || other === undefined) return name;
  return action === "create" ? `${name} ${other}` : `${name} ${one} → ${other}`;
}

/** The fields that change, with the values of the first few things. */
function examplesText(fields: readonly string[], changes: readonly Change[], count: number): Shortened {
  const names = fields.slice(0, 6).map((field) => code(field, 60));
  const more = fields.length > 6 ? ` and ${number(fields.length - 6)} more fields` : "";
  const examples = changes.slice(0, count).map((change) => exampleText(change));
  return {
    text: `${names.join(", ")}${more}, with different values, such as ${examples.join("; ")}`,
    whole: changes.length <= count,
  };
}

function exampleItems(changes: readonly Change[]): string[] {
  const items = changes.slice(0, EXAMPLES_IN_DETAIL).map((change) => `- ${exampleText(change)}`);
  const more = changes.length - items.length;
  return more === 0 ? items : [...items, `- and ${number(more)} more`];
}

function exampleText({ id, fields, action }: Change): string {
  return `${code(id, 70)}: ${fieldsText(fields, LINE_ROOM, action).text}`;
}
