/** Explains YAML syntax errors. The parser's own messages quote the text, which may contain a secret. */
import {
  type Document,
  type ErrorCode,
  isCollection,
  isMap,
  isScalar,
  Lexer,
  visit,
  type YAMLError,
} from "yaml";
import type { FleetProblem } from "../problems.js";
import type { FilePosition } from "../place.js";
import type { Violation } from "../rules.js";

/** The number of nested brackets, and of dashes on one line. */
const maxDepth = 100;

/**
 * Where the nesting becomes too deep for the parser, which needs a kilobyte for each level. Indented levels need no check: a
 * file of limited size can't have many, since each is longer than the one above it.
 */
export function tooDeepAt(text: string): number | undefined {
  const dashes = /^ *(?:[-?] +){100}/m.exec(text)?.index;
  return dashes ?? deepBracket(text);
}

function deepBracket(text: string): number | undefined {
  // A cheap upper bound: quotes and comments only reduce the depth.
  if ((text.match(/[[{]/g)?.length ?? 0) <= maxDepth) return undefined;
  let depth = 0;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") depth += 1;
    if ((token === "]" || token === "}") && depth > 0) depth -= 1;
    if (depth > maxDepth) return offset;
    // Some tokens are markers without text.
    if (text.startsWith(token, offset)) offset += token.length;
  }
  return undefined;
}

export const tooDeep: Violation = {
  message: "the YAML is nested too deeply",
  fix: "write it flat: a fleet needs no more than six levels",
};

/**
 * Tabs and invisible characters in the indentation are reported line by line; of other errors only the first, as the rest
 * usually follow from it.
 */
export function syntaxProblems(
  errors: readonly YAMLError[],
  document: Document.Parsed,
  text: string,
  at: (offset: number) => FilePosition,
): FleetProblem[] {
  const tabs = new Map<number, FleetProblem>();
  for (const error of errors) {
    const offset = indentingTab(text, error.pos[0]);
    if (offset === undefined) continue;
    tabs.set(offset, {
      path: "",
      at: at(offset),
      message: "a tab is used for indentation, which YAML does not allow",
      fix: "replace the tab by spaces (many editors have a command for it: convert indentation to spaces)",
    });
  }
  const [first] = errors;
  if (!first) return [];
  const strange = [...tabs.values(), ...invisibleIndentation(text, at)];
  if (strange.length > 0) return strange;
  const { offset, ...violation } = explain(first, document, text);
  return [{ path: "", at: at(offset), ...violation }];
}

const maxStrangeLines = 100;

/** Invisible characters that YAML does not accept as white space. Text that was copied from a web page or chat may have them. */
function invisibleIndentation(text: string, at: (offset: number) => FilePosition): FleetProblem[] {
  const problems: FleetProblem[] = [];
  for (const { index, 0: found, 1: character = "" } of text.matchAll(/^[ \t]*(?![ \t])([\p{Zs}\p{Cf}])/gmu)) {
    if (problems.length === maxStrangeLines) break;
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    problems.push({
      path: "",
      at: at(index + found.length - character.length),
      message: `an invisible character (U+${code}) is used for indentation`,
      fix: "delete the white space before the text, and type spaces",
    });
  }
  return problems;
}

/** The offset of a tab in the indentation of the line at `offset`. */
function indentingTab(text: string, offset: number): number | undefined {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const indentation = /^[ \t]*/.exec(text.slice(start, start + 1000))?.[0] ?? "";
  const tab = indentation.indexOf("\t");
  return tab < 0 ? undefined : start + tab;
}

/** By the parser's error code. */
const explanations: Readonly<Partial<Record<ErrorCode, Violation>>> = {
  BAD_INDENT: {
    message: "the indentation does not fit the lines above",
    fix: "align the line with its siblings",
  },
  BAD_DQ_ESCAPE: {
    message: "a backslash in double quotes does not begin a known escape",
    fix: "write it twice, or use single quotes",
  },
  BAD_SCALAR_START: {
    message: "a value begins with a character that YAML reserves",
    fix: "put the value in quotes",
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "the line has a second key or list",
    fix: "put it on its own line, or put a value that contains ': ' in quotes",
  },
  MISSING_CHAR: {
    message: "a comma, or the colon after a key, is missing",
    fix: 'write "key: value", and commas between entries in brackets',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'a line is neither "key: value" nor part of the value above it',
    fix: "indent it further than the key it belongs to, or add the colon",
  },
  MULTIPLE_DOCS: {
    message: "the file has more than one YAML document",
    fix: 'keep one document, and remove the "---" line between',
  },
  NON_STRING_KEY: {
    message: "a key is a list or map",
    fix: "write plain keys; put a value that begins with { in quotes",
  },
  RESOURCE_EXHAUSTION: tooDeep,
  TAG_RESOLVE_FAILED: { message: "YAML tags (!word) are not understood here", fix: "remove the tag" },
  UNEXPECTED_TOKEN: {
    message: "this does not fit the YAML before it",
    fix: "check quotes, brackets and indentation; put a value with { } [ ] in quotes",
  },
};

const neverCloses: Violation = {
  message: "the quote or bracket that opens here is never closed",
  fix: "close it, or put the value in quotes if the character is part of it",
};

/** Explains an error. For a missing end, the parser only reports where it noticed that, so the beginning is searched. */
function explain(error: YAMLError, document: Document.Parsed, text: string): Violation & { offset: number } {
  const [offset] = error.pos;
  const opening = openingBefore(offset, document, text);
  if (opening !== undefined && (error.code === "MISSING_CHAR" || error.code === "BAD_INDENT")) {
    return { offset: opening, ...neverCloses };
  }
  const known = explanations[error.code];
  return {
    offset,
    ...(known ?? { message: `it is not valid YAML (${error.code})`, fix: "correct the line" }),
  };
}

/** The offset of the innermost quote or bracket that is open at an offset. */
function openingBefore(offset: number, document: Document.Parsed, text: string): number | undefined {
  let opening: number | undefined;
  visit(document, {
    Node(_, node) {
      const closer = closerOf(node);
      if (!closer || !node.range) return;
      const [start, end] = node.range;
      const isClosed = end - start > 1 && text[end - 1] === closer;
      if (!isClosed && start < offset && offset <= end) opening = start;
    },
  });
  return opening;
}

function closerOf(node: unknown): string | undefined {
  if (isScalar(node)) {
    if (node.type === "QUOTE_DOUBLE") return '"';
    return node.type === "QUOTE_SINGLE" ? "'" : undefined;
  }
  if (!isCollection(node) || !node.flow) return undefined;
  return isMap(node) ? "}" : "]";
}

/** Explains a repeated key. The message names it only if it is a plain word. */
export function duplicateKey(
  offset: number,
  text: string,
  at: (offset: number) => FilePosition,
): FleetProblem {
  const key = /^["']?([A-Za-z0-9_-]{1,64})/.exec(text.slice(offset, offset + 70))?.[1];
  return {
    path: "",
    at: at(offset),
    message: `the same map has ${key === undefined ? "a key" : `the key "${key}"`} twice`,
    fix: "remove or rename one of the two",
  };
}
