/** A YAML text, with the positions of its nodes. */
import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";

/** Steps from the top of the document: keys, and indices of lists. */
export type Path = readonly (string | number)[];

export class Source {
  readonly document: Document.Parsed;
  /** The line break of this text: `\n` or `\r\n`. */
  readonly lineBreak: string;
  readonly #aliased = new Set<string>();

  /** @param text of a fleet file that loads */
  constructor(readonly text: string) {
    this.document = parseDocument(text, { stringKeys: true, version: "1.2" });
    this.lineBreak = /\r?\n/.exec(text)?.[0] ?? "\n";
    visit(this.document, { Alias: (_, { source }) => void this.#aliased.add(source) });
  }

  /**
   * The node at a path. `undefined` if the text has none, or if a change would also apply elsewhere, because the node is an alias
   * or is part of something that aliases repeat.
   */
  own(path: Path): Node | undefined {
    let node: unknown = this.document.contents;
    for (const step of path) {
      if (!isNode(node) || this.isShared(node)) return undefined;
      if (isMap(node)) node = pairOf(node, step)?.value;
      else node = isSeq(node) ? node.items[Number(step)] : undefined;
    }
    return isNode(node) && !this.isShared(node) ? node : undefined;
  }

  /** Whether the node is an alias, or an anchor that an alias repeats. */
  isShared(node: Node): boolean {
    return isAlias(node) || (node.anchor !== undefined && this.#aliased.has(node.anchor));
  }

  /** The end of a node's content, before any comment or line break. */
  endOf(node: unknown): number {
    if (isPair(node)) return Math.max(this.endOf(node.key), this.endOf(node.value));
    if (!isNode(node)) return 0;
    const [start, end] = node.range ?? [0, 0];
    if (isCollection(node) && node.flow !== true)
      return Math.max(start, ...node.items.slice(-1).map((item) => this.endOf(item)));
    // The range of a block scalar includes the line break after it.
    return start + this.text.slice(start, end).trimEnd().length;
  }

  /** The number of characters between the start of a line and an offset in it. */
  columnOf(offset: number): number {
    const begin = this.text.lastIndexOf("\n", offset - 1) + 1;
    return this.text.slice(begin, offset).replace("\uFEFF", "").length;
  }

  /** The end of the line of an offset, before its line break. */
  endOfLine(offset: number): number {
    const found = /\r?\n/.exec(this.text.slice(offset));
    return found === null ? this.text.length : offset + found.index;
  }

  /** The length of the line break at an offset; 0 at the end of the text. */
  lineBreakAt(offset: number): number {
    return /^\r?\n/.exec(this.text.slice(offset, offset + 2))?.[0].length ?? 0;
  }

  /** As `endOfLine`, or the end of the last comment that follows with at least this indentation. */
  endOfBlock(offset: number, column: number): number {
    let end = this.endOfLine(offset);
    let next = end;
    while (next < this.text.length) {
      next = this.endOfLine(next + this.lineBreakAt(next));
      const begin = this.text.lastIndexOf("\n", next - 1) + 1;
      const line = this.text.slice(begin, next);
      if (line.trim() === "") continue;
      if (!line.trimStart().startsWith("#") || line.length - line.trimStart().length < column) break;
      end = next;
    }
    return end;
  }
}

export function pairOf(map: YAMLMap, key: string | number): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}
