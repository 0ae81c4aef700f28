/** Changes of a group or of a listed device. */
import { isMap, isScalar, type Pair, type Scalar, type YAMLMap } from "yaml";
import { inline, type Value } from "../text.js";
import { pairOf, type Path, type Source } from "./source.js";
import type { Splice } from "./splices.js";
import { changeTags, type TagChange } from "./tags.js";

/** Changes of the settings of an entry. */
export interface SettingsChange {
  readonly set: ReadonlyMap<string, string>;
  readonly tags?: TagChange;
}

/** The changes of the text of an entry. `undefined` where an alias repeats a part of it elsewhere. */
export function changeEntry(source: Source, path: Path, change: SettingsChange): Splice[] | undefined {
  const node = source.own(path);
  if (isScalar(node)) return [asMap(source, node, change)];
  return isMap(node) ? changeMap(source, node, change) : undefined;
}

/** Turns an entry that is an id alone into a map. */
function asMap(source: Source, node: Scalar, { set, tags }: SettingsChange): Splice {
  const [start, end] = [node.range?.[0] ?? 0, source.endOf(node)];
  const text = source.text.slice(start, end);
  const id = /^["']/.test(text) ? text : inline(String(node.value), "flow");
  const settings: [string, Value][] = [...set, ...(tags ? [["tags", tags.added] as [string, Value]] : [])];
  const entries = settings.map(([key, value]) => `${key}: ${inline(value, "flow")}`);
  return { start, end, text: `{ ${[`id: ${id}`, ...entries].join(", ")} }`, depth: source.columnOf(start) };
}

function changeMap(source: Source, map: YAMLMap, { set, tags }: SettingsChange): Splice[] | undefined {
  const splices: Splice[] = [];
  const missing: [string, Value][] = [];
  for (const [key, value] of set) {
    const pair = pairOf(map, key);
    const splice = pair && replaceValue(source, map, pair, value);
    if (splice) splices.push(splice);
    else if (pair) return undefined;
    else missing.push([key, value]);
  }
  const tagsPair = tags && pairOf(map, "tags");
  if (tagsPair) {
    const changed = changeTags(source, tagsPair.value, source.endOf(tagsPair.key), tags);
    if (changed === undefined) return undefined;
    splices.push(...changed);
  } else if (tags) {
    missing.push(["tags", tags.added]);
  }
  // The change of the tags may remove the line after which the new keys would be added.
  const last = map.items.filter((pair) => pair !== tagsPair).at(-1);
  const addition = addKeys(source, map, last, missing);
  return addition === undefined ? splices : [...splices, addition];
}

function replaceValue(
  source: Source,
  map: YAMLMap,
  { value: node }: Pair,
  value: string,
): Splice | undefined {
  // Replacing an alias changes this place only. Replacing its anchor would change the other places.
  const isRepeated = isScalar(node) && source.isShared(node);
  if (!isNodeWithRange(node) || isRepeated) return undefined;
  const start = node.range[0];
  const end = source.endOf(node);
  return { start, end, text: inline(value, map.flow ? "flow" : "block"), depth: source.columnOf(start) };
}

function isNodeWithRange(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}

function addKeys(
  source: Source,
  map: YAMLMap,
  after: Pair | undefined,
  entries: readonly (readonly [string, Value])[],
): Splice | undefined {
  if (entries.length === 0) return undefined;
  if (map.flow) {
    const at = source.endOf(map.items.at(-1));
    const text = entries.map(([key, value]) => `, ${key}: ${inline(value, "flow")}`).join("");
    return { start: at, end: at, text, depth: 0 };
  }
  const column = source.columnOf(map.range?.[0] ?? 0);
  const at = source.endOfBlock(source.endOf(after), column + 1);
  const indentation = `${source.lineBreak}${" ".repeat(column)}`;
  const text = entries.map(([key, value]) => `${indentation}${key}: ${inline(value)}`).join("");
  return { start: at, end: at, text, depth: column };
}
