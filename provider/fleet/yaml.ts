/** YAML text in; plain data, and for every path in it the line and column, out. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from "yaml";
import type { FilePosition } from "./fleet.js";
import type { FleetProblem, Origin, Path } from "./problems.js";
import type { Violation } from "./rules.js";
import { duplicateKey, syntaxProblems, tooDeep } from "./yamlSyntax.js";

/** How often all anchors together may be used; beyond it a small file could unfold to billions of entries. */
const maxAliases = 1000;

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
    origin: { file, locate: () => at(offset) },
    problems: [{ path: "", at: at(offset), ...violation }],
    fatal: true,
  });

  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      version: "1.2",
    });
  } catch (error) {
    if (error instanceof RangeError) return fatal(0, tooDeep);
    throw error;
  }

  const findings = [...document.errors, ...document.warnings];
  const syntax = findings.filter((finding) => finding.code !== "DUPLICATE_KEY");
  const problems = [
    ...syntaxProblems(syntax, document, text, at),
    ...findings
      .filter((finding) => finding.code === "DUPLICATE_KEY")
      .map((finding) => duplicateKey(finding, text, at)),
  ];
  const origin: Origin = { file, locate: (path, part) => at(offsetOf(document, path, part)) };
  if (syntax.length > 0) return { value: undefined, origin, problems, fatal: true };

  try {
    return { value: document.toJS({ maxAliasCount: maxAliases }), origin, problems, fatal: false };
  } catch (error) {
    if (error instanceof ReferenceError) return fatal(...badAlias(document));
    if (error instanceof RangeError) return fatal(0, tooDeep);
    throw error;
  }
}

function badAlias(document: Document.Parsed): [number, Violation] {
  let unresolved: number | undefined;
  let first: number | undefined;
  visit(document, {
    Alias(_, alias) {
      first ??= alias.range?.[0];
      if (alias.resolve(document)) return undefined;
      unresolved = alias.range?.[0];
      return visit.BREAK;
    },
  });
  if (unresolved !== undefined) {
    const message = "an alias (*name) has no anchor (&name) before it";
    return [unresolved, { message, fix: "define the anchor first, or put the value in quotes" }];
  }
  return [
    first ?? 0,
    {
      message: `aliases expand to too much: an anchor may be used ${maxAliases} times at most, aliases within it counted`,
      fix: "write common settings once, under defaults or in the group",
    },
  ];
}

/** Where the value (or key) at a path begins; of a path that does not exist, where its nearest parent does. */
function offsetOf(document: Document.Parsed, path: Path, part: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    const parent = isAlias(node) ? node.resolve(document) : node;
    const last = depth === path.length - 1;
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) return offset;
      node = pair.value;
      offset = (last && part === "key" ? startOf(pair.key) : (startOf(node) ?? startOf(pair.key))) ?? offset;
    } else if (isSeq(parent)) {
      node = parent.items[Number(step)];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  if (!isNode(node) || !node.range) return undefined;
  // An absent value ("key:" and nothing more) has no extent; the key is the better place.
  if (isScalar(node) && node.value === null && node.range[0] === node.range[1]) return undefined;
  return node.range[0];
}
