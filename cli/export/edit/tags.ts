/** Changes of a list of tags, item by item, so that the other items keep their comments. */
import { isAlias, isScalar, isSeq, type Alias, type Node, type YAMLSeq } from "yaml";
import { inline } from "../text.js";
import type { Source } from "./source.js";
import type { Splice } from "./splices.js";

export interface TagChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * The changes of the text of a list, or `undefined` where a change would damage something else.
 * @param keyEnd the offset at which the key of the list ends
 */
export function changeTags(
  source: Source,
  list: unknown,
  keyEnd: number,
  change: TagChange,
): Splice[] | undefined {
  if (isAlias(list)) return replaceAlias(source, list, change);
  if (!isSeq(list) || source.isShared(list)) return undefined;
  const items = list.items.filter(isScalar);
  // Aliases and anchors among the items may mean more than a tag.
  if (items.length !== list.items.length || items.some(({ anchor }) => anchor !== undefined))
    return undefined;
  return list.flow === true
    ? changeFlow(source, list, items, change)
    : changeBlock(source, list, items, keyEnd, change);
}

/** Replaces an alias by a list, so that the change applies here only. */
function replaceAlias(source: Source, alias: Alias, { added, removed }: TagChange): Splice[] {
  const repeated: unknown = alias.resolve(source.document)?.toJS(source.document);
  const tags = (Array.isArray(repeated) ? repeated : []).filter((tag) => typeof tag === "string");
  const texts = [...tags.filter((tag) => !removed.includes(tag)), ...added];
  const [start, end] = [alias.range?.[0] ?? 0, source.endOf(alias)];
  return [{ start, end, text: inline(texts), depth: source.columnOf(start) }];
}

function changeFlow(
  source: Source,
  list: YAMLSeq,
  items: readonly Node[],
  { added, removed }: TagChange,
): Splice[] | undefined {
  const [start, end] = list.range ?? [0, 0];
  const text = source.text.slice(start, end);
  if (text.includes("\n") && text.includes("#")) return undefined;
  const kept = items
    .filter((item) => !isOneOf(removed, item))
    .map((item) => source.text.slice(...contentOf(item)));
  const texts = [...kept, ...added.map((tag) => inline(tag, "flow"))];
  return [{ start, end, text: `[${texts.join(", ")}]`, depth: source.columnOf(start) }];
}

function changeBlock(
  source: Source,
  list: YAMLSeq,
  items: readonly Node[],
  keyEnd: number,
  { added, removed }: TagChange,
): Splice[] | undefined {
  const column = source.columnOf(list.range?.[0] ?? 0);
  const removedItems = items.filter((item) => isOneOf(removed, item));
  // A new tag replaces an old one. The rest is added at the end, or removed with its line.
  const replaced = removedItems.slice(0, added.length).map((item, index): Splice => {
    const [start, end] = contentOf(item);
    return { start, end, text: inline(added[index] ?? ""), depth: column };
  });
  const removedLines = removedItems.slice(added.length).map((item) => lineOf(source, item));
  const addedLines = added
    .slice(removedItems.length)
    .map((tag) => `${source.lineBreak}${" ".repeat(column)}- ${inline(tag)}`);
  const at = source.endOfLine(source.endOf(list));
  const appended =
    addedLines.length === 0 ? [] : [{ start: at, end: at, text: addedLines.join(""), depth: column }];
  const lines = removedLines.filter((splice) => splice !== undefined);
  if (lines.length < removedLines.length) return undefined;
  if (removedLines.length < items.length || added.length > 0) return [...replaced, ...lines, ...appended];
  // The list is empty now: write it after the key, and keep the comments between the items.
  const colon = source.text.indexOf(":", keyEnd) + 1;
  return list.anchor === undefined
    ? [{ start: colon, end: colon, text: " []", depth: column }, ...lines]
    : undefined;
}

/**
 * Removes the line of an item, if nothing else is on it. Removes the line break before it and keeps the one after it, where other
 * changes insert.
 */
function lineOf(source: Source, item: Node): Splice | undefined {
  const [start, end] = contentOf(item);
  const begin = source.text.lastIndexOf("\n", start - 1) + 1;
  if (!/^ *- +$/.test(source.text.slice(begin, start))) return undefined;
  const before = source.text.slice(0, begin).replace(/\r?\n$/, "").length;
  return { start: before, end: source.endOfLine(end), text: "", depth: 0 };
}

function isOneOf(tags: readonly string[], item: Node): boolean {
  return isScalar(item) && tags.includes(String(item.value));
}

function contentOf({ range }: Node): [number, number] {
  const [start, end] = range ?? [0, 0];
  return [start, end];
}
