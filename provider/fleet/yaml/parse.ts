/** Parses YAML into plain data, and locates the line and column of every path. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";
import type { FleetProblem } from "../problems.js";
import type { FilePosition } from "../place.js";
import type { Origin, Path } from "../problems.js";
import type { Violation } from "../rules.js";
import { startOf, survey, type Survey } from "./survey.js";
import { duplicateKey, syntaxProblems, tooDeep, tooDeepAt } from "./syntaxProblems.js";

/** The number of uses of all anchors. Without a limit, a small file could expand to billions of entries. */
const maxAliases = 1000;
/** The number of lines and marks in a file. The parser needs a kilobyte for each. */
const maxMarks = 1_000_000;
/** Line breaks, and the characters that begin, end or separate YAML values. */
const mark = /[\n,:[\]{}"'&*!]/g;
/** The number of anchors and aliases in a file. The parser searches all of them for each alias. */
const maxAnchors = 10_000;

export interface ParsedYaml {
  readonly value: unknown;
  readonly origin: Origin;
  readonly problems: readonly FleetProblem[];
  /** The text is too broken to give a `value`. */
  readonly fatal: boolean;
}

/** Parses one YAML document (version 1.2, core types). Problems never quote the text, which may contain a secret. */
export function parseYaml(text: string, file: string): ParsedYaml {
  const lines = new LineCounter();
  const at = (offset: number): FilePosition => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const fatal = (offset: number, violation: Violation): ParsedYaml => ({
    value: undefined,
    origin: { file, locate: () => at(offset), numberAt: () => undefined },
    problems: [{ path: "", at: at(offset), ...violation }],
    fatal: true,
  });

  if (hasMoreMarks(text, maxMarks)) return fatal(0, tooManyMarks);
  const deep = tooDeepAt(text);
  if (deep !== undefined) {
    countLines(text.slice(0, deep), lines);
    return fatal(deep, tooDeep);
  }
  let document: Document.Parsed;
  let surveyed: Survey;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      // The parser compares all pairs of keys in a map, which takes too long for many keys.
      uniqueKeys: false,
      version: "1.2",
    });
    surveyed = survey(document);
  } catch (error) {
    if (error instanceof RangeError) return fatal(0, tooDeep);
    throw error;
  }

  const syntax = [...document.errors, ...document.warnings];
  const problems = [
    ...syntaxProblems(syntax, document, text, at),
    ...surveyed.repeatedKeys.map((offset) => duplicateKey(offset, text, at)),
  ];
  const locator = new Locator(document, surveyed);
  const origin: Origin = {
    file,
    locate: (path, part) => at(locator.offsetOf(path, part)),
    numberAt: (path) => locator.numberAt(path),
  };
  if (syntax.length > 0) return { value: undefined, origin, problems, fatal: true };
  if (surveyed.anchorsAndAliases > maxAnchors) return fatal(surveyed.firstAlias ?? 0, tooManyAnchors);

  try {
    return { value: document.toJS({ maxAliasCount: maxAliases }), origin, problems, fatal: false };
  } catch (error) {
    if (error instanceof ReferenceError) return fatal(...badAlias(surveyed));
    if (error instanceof RangeError) return fatal(0, tooDeep);
    throw error;
  }
}

/** Does what the parser does, for a text that is too deep to be parsed. */
function countLines(text: string, lines: LineCounter): void {
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1);
}

function hasMoreMarks(text: string, most: number): boolean {
  const marks = text.matchAll(mark);
  for (let count = 0; count <= most; count++) if (marks.next().done === true) return false;
  return true;
}

const tooManyMarks: Violation = {
  message: `the file has more than ${maxMarks.toLocaleString("en")} lines and marks (commas, colons, quotes, brackets)`,
  fix: "write devices as a pattern (ids) or in a CSV file, or split the fleet over several stacks",
};

const tooManyAnchors: Violation = {
  message: `the file has more than ${maxAnchors.toLocaleString("en")} anchors (&name) and aliases (*name)`,
  fix: "write common settings once, under defaults or in the group",
};

function badAlias({ firstAlias, undefinedAlias }: Survey): [number, Violation] {
  if (undefinedAlias !== undefined) {
    const message = "an alias (*name) has no anchor (&name) before it";
    return [undefinedAlias, { message, fix: "define the anchor first, or put the value in quotes" }];
  }
  return [
    firstAlias ?? 0,
    {
      message: `aliases expand to too many values: an anchor may be used at most ${maxAliases} times, aliases within it included`,
      fix: "write common settings once, under defaults or in the group",
    },
  ];
}

/** Locates paths in a document. It indexes each map once, so that many lookups are fast. */
class Locator {
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(
    private readonly document: Document.Parsed,
    private readonly found: Survey,
  ) {}

  /** The offset of the value (or key) at a path; for a missing path, that of its nearest parent. */
  offsetOf(path: Path, part: "key" | "value"): number {
    let node: unknown = this.document.contents;
    let offset = startOf(node) ?? 0;
    for (const [depth, step] of path.entries()) {
      const parent = isAlias(node) ? this.found.targetOf(node) : node;
      const last = depth === path.length - 1;
      if (isMap(parent)) {
        const pair = this.#pairsOf(parent).get(String(step));
        if (!pair) return offset;
        node = pair.value;
        offset =
          (last && part === "key" ? startOf(pair.key) : (startOf(node) ?? startOf(pair.key))) ?? offset;
      } else if (isSeq(parent)) {
        node = parent.items[Number(step)];
        offset = startOf(node) ?? offset;
      } else {
        return offset;
      }
    }
    return offset;
  }

  /** The number at a path as it is written. */
  numberAt(path: Path): string | undefined {
    let node: unknown = this.document.contents;
    for (const step of path) {
      const parent = isAlias(node) ? this.found.targetOf(node) : node;
      node = isMap(parent)
        ? this.#pairsOf(parent).get(String(step))?.value
        : isSeq(parent)
          ? parent.items[Number(step)]
          : undefined;
    }
    const value = isAlias(node) ? this.found.targetOf(node) : node;
    return isScalar(value) && typeof value.value === "number" ? value.source : undefined;
  }

  #pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map);
    if (known !== undefined) return known;
    const pairs = new Map<string, Pair>();
    for (const pair of map.items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : undefined;
      if (name !== undefined && !pairs.has(name)) pairs.set(name, pair);
    }
    this.#pairs.set(map, pairs);
    return pairs;
  }
}
