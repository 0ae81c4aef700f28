/** YAML text in; plain data, and for every path in it the line and column, out. */
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
import type { FilePosition, FleetProblem } from "./fleet.js";
import type { Origin, Path } from "./problems.js";
import type { Violation } from "./rules.js";
import { startOf, survey, type Survey } from "./yamlSurvey.js";
import { duplicateKey, syntaxProblems, tooDeep, tooDeepAt } from "./yamlSyntax.js";

/** How often all anchors together may be used; beyond it a small file could unfold to billions of entries. */
const maxAliases = 1000;
/** How many lines and marks a file may have: the parser needs a kilobyte for each. */
const maxMarks = 1_000_000;
/** The characters of YAML that begin, end or part values. */
const mark = /[\n,:[\]{}"'&*!]/g;
/** How many anchors and aliases a file may have: each alias is looked for among them all. */
const maxAnchors = 10_000;

export interface ParsedYaml {
  readonly value: unknown;
  readonly origin: Origin;
  readonly problems: readonly FleetProblem[];
  /** The text was too broken for `value` to mean anything. */
  readonly fatal: boolean;
}

/** Parses one YAML document (version 1.2, core types). Problems never quote the text: it may hold a secret. */
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
  let found: Survey;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      // The parser compares each key with each other one of its map, which for many keys takes for ever.
      uniqueKeys: false,
      version: "1.2",
    });
    found = survey(document);
  } catch (error) {
    if (error instanceof RangeError) return fatal(0, tooDeep);
    throw error;
  }

  const syntax = [...document.errors, ...document.warnings];
  const problems = [
    ...syntaxProblems(syntax, document, text, at),
    ...found.repeatedKeys.map((offset) => duplicateKey(offset, text, at)),
  ];
  const locator = new Locator(document, found);
  const origin: Origin = {
    file,
    locate: (path, part) => at(locator.offsetOf(path, part)),
    numberAt: (path) => locator.numberAt(path),
  };
  if (syntax.length > 0) return { value: undefined, origin, problems, fatal: true };
  if (found.anchorsAndAliases > maxAnchors) return fatal(found.firstAlias ?? 0, tooManyAnchors);

  try {
    return { value: document.toJS({ maxAliasCount: maxAliases }), origin, problems, fatal: false };
  } catch (error) {
    if (error instanceof ReferenceError) return fatal(...badAlias(found));
    if (error instanceof RangeError) return fatal(0, tooDeep);
    throw error;
  }
}

/** As the parser does, for a text that it does not get to see. */
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

function badAlias({ firstAlias, strayAlias }: Survey): [number, Violation] {
  if (strayAlias !== undefined) {
    const message = "an alias (*name) has no anchor (&name) before it";
    return [strayAlias, { message, fix: "define the anchor first, or put the value in quotes" }];
  }
  return [
    firstAlias ?? 0,
    {
      message: `aliases expand to too much: an anchor may be used ${maxAliases} times at most, aliases within it counted`,
      fix: "write common settings once, under defaults or in the group",
    },
  ];
}

/** Finds places in a document, however many there are to be found. */
class Locator {
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(
    private readonly document: Document.Parsed,
    private readonly found: Survey,
  ) {}

  /** Where the value (or key) at a path begins; of a path that does not exist, where its nearest parent does. */
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

  /** The text of the number at a path. */
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
