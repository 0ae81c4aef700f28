/**
 * What one walk over a YAML document tells. The parser's own ways to the same, comparing keys in pairs and looking for
 * an anchor from the top each time, take for ever where somebody wrote very many.
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
  /** Where keys begin that stand in their map already. */
  readonly repeatedKeys: readonly number[];
  /** Where the first alias begins, and the first that has no anchor before it. */
  readonly firstAlias: number | undefined;
  readonly strayAlias: number | undefined;
  /** How many anchors and aliases there are. */
  readonly anchorsAndAliases: number;
  /** What an alias stands for. */
  readonly targetOf: (alias: Alias) => Node | undefined;
}

/** Walks over a document. Throws a RangeError if it is nested too deeply. */
export function survey(document: Document.Parsed): Survey {
  const repeatedKeys: number[] = [];
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  let anchorsAndAliases = 0;
  let firstAlias: number | undefined;
  let strayAlias: number | undefined;
  visit(document, {
    Node(_, node) {
      if (isMap(node)) addRepeated(node, repeatedKeys);
      if (isAlias(node)) {
        anchorsAndAliases += 1;
        firstAlias ??= startOf(node);
        const target = anchors.get(node.source);
        if (target === undefined) strayAlias ??= startOf(node);
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
    strayAlias,
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

/** Where a node begins; undefined where there is nothing to be seen of it. */
export function startOf(node: unknown): number | undefined {
  if (!isNode(node) || !node.range) return undefined;
  // An absent value ("key:" and nothing more) has no extent; the key is the better place.
  if (isScalar(node) && node.value === null && node.range[0] === node.range[1]) return undefined;
  return node.range[0];
}
