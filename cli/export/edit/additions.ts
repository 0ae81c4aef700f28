/** New items of lists, and new groups. */
import { isMap, isNode, isScalar, isSeq, type Pair, type YAMLMap } from "yaml";
import type { GroupPlan } from "../grouping.js";
import { groupInline, groupLines, type Defaults } from "../groupText.js";
import { inline, type Value } from "../text.js";
import type { Path, Source } from "./source.js";
import type { Splice } from "./splices.js";

/** Adds at least one item to a list, or to a scalar that stands for a list. `undefined` where aliases repeat it. */
export function appendItems(source: Source, path: Path, items: readonly Value[]): Splice | undefined {
  const node = source.own(path);
  if (isScalar(node)) {
    const [start, end] = [node.range?.[0] ?? 0, source.endOf(node)];
    const all = [String(node.value), ...items].map((item) => inline(item, "flow"));
    return { start, end, text: `[${all.join(", ")}]`, depth: source.columnOf(start) };
  }
  if (!isSeq(node)) return undefined;
  if (node.flow === true) {
    const at = source.endOf(node.items.at(-1));
    const text = items.map((item) => `, ${inline(item, "flow")}`).join("");
    return { start: at, end: at, text, depth: source.columnOf(at) };
  }
  const column = source.columnOf(node.range?.[0] ?? 0);
  const parent = source.own(path.slice(0, -1));
  const at = source.endOfBlock(
    source.endOf(node),
    Math.max(column, source.columnOf(parent?.range?.[0] ?? 0) + 1),
  );
  const text = items.map((item) => `${source.lineBreak}${" ".repeat(column)}- ${inline(item)}`).join("");
  return { start: at, end: at, text, depth: column };
}

/** Adds at least one group after the existing ones. `undefined` where aliases repeat these. */
export function appendGroups(
  source: Source,
  groups: readonly GroupPlan[],
  defaults: Defaults,
): Splice | undefined {
  const root = source.own([]);
  if (!isMap(root)) return undefined;
  const map = source.own(["groups"]);
  if (map === undefined && root.has("groups")) return undefined;
  const beside = isMap(map) ? map : root;
  if (beside.flow) {
    const texts = groups.map((group) => groupInline(group, defaults)).join(", ");
    const at = source.endOf(beside.items.at(-1));
    return { start: at, end: at, text: isMap(map) ? `, ${texts}` : `, groups: { ${texts} }`, depth: 0 };
  }
  const column = source.columnOf(beside.range?.[0] ?? 0);
  const gap = hasGaps(source, beside.items) ? [""] : [];
  const step = isMap(map) ? stepOf(source, map) : "  ";
  const texts = groups.flatMap((group) => [...gap, ...groupLines(group, defaults, step)]);
  const lines = isMap(map)
    ? texts
    : [...gap, "groups:", ...texts.slice(gap.length).map((line) => indent(line, step))];
  const at = source.endOfBlock(source.endOf(beside), column);
  const text = lines.map((line) => `${source.lineBreak}${indent(line, " ".repeat(column))}`).join("");
  return { start: at, end: at, text, depth: column };
}

function indent(line: string, indentation: string): string {
  return line === "" ? "" : `${indentation}${line}`;
}

/** The indentation of a level: as in the first group, or two spaces. */
function stepOf(source: Source, groups: YAMLMap): string {
  const [first] = groups.items;
  const inner = isMap(first?.value) && first.value.flow !== true ? first.value.range?.[0] : undefined;
  const width = inner === undefined ? 0 : source.columnOf(inner) - source.columnOf(groups.range?.[0] ?? 0);
  return " ".repeat(width > 0 ? width : 2);
}

/** Whether a blank line separates the first two entries. */
function hasGaps(source: Source, [first, second]: readonly Pair[]): boolean {
  if (first === undefined || !isNode(second?.key)) return false;
  return /\n[ \t]*\r?\n/.test(source.text.slice(source.endOf(first), second.key.range?.[0]));
}
