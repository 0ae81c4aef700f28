/**
 * Finds repeated keys, anchors and aliases of a YAML document in one pass. The parser's own checks need quadratic time for many
 * keys or anchors.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  type Node,
  visit,
  type YAMLMap,
} from "yaml";

export interface Survey {
  /** Offsets of keys that their map has already. */
  readonly repeatedKeys: readonly number[];
  /** Offset of the first alias. */
  readonly firstAlias: number | undefined;
  /** Offset of the first alias without an anchor before it. */
  readonly undefinedAlias: number | undefined;
  /** The number of anchors and aliases. */
  readonly anchorsAndAliases: number;
  /** The node to which an alias refers. */
  readonly targetOf: (alias: Alias) => Node | undefined;
}

/** Throws a RangeError if the document is nested too deeply. */
export function survey(document: Document.Parsed): Survey {
  const repeatedKeys: number[] = [];
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  let anchorsAndAliases = 0;
  let firstAlias: number | undefined;
  let undefinedAlias: number | undefined;
  visit(document, {
    Node(_, node) {
      if (isMap(node)) addRepeated(node, repeatedKeys);
      if (isAlias(node)) {
        anchorsAndAliases += 1;
        firstAlias ??= startOf(node);
        const target = anchors.get(node.source);
        if (target === undefined) undefinedAlias ??= startOf(node);
        else targets.set(node, target);
      } else if (isNode(node) && node.anchor !== undefined) {
        anchorsAndAliases += 1;
        anchors.set(node.anchor, node);
      }
    },
  });
  return {
    repeatedKeys,
    firstAlias,
    undefinedAlias,
    anchorsAndAliases,
    targetOf: (alias) => targets.get(alias),
  };
}

function addRepeated({ items }: YAMLMap, offsets: number[]): void {
  const seen = new Set<string>();
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (seen.has(name)) offsets.push(startOf(key) ?? 0);
    seen.add(name);
  }
}

/** The offset of a node; undefined if it has no text. */
export function startOf(node: unknown): number | undefined {
  if (!isNode(node) || !node.range) return undefined;
  // For a missing value ("key:"), the place of the key is more useful.
  if (isScalar(node) && node.value === null && node.range[0] === node.range[1]) return undefined;
  return node.range[0];
}
