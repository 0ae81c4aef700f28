import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { commentsOf } from "./support/comments.js";
import { wordingProblems } from "./support/wording.js";

const root = path.resolve(__dirname, "..");

/** A text of the code that people may read, with `{…}` for what is filled in. */
interface Message {
  readonly place: string;
  readonly text: string;
}

const rooms = ["provider", "program", "cli", "emulator"];

describe("the code follows the rule of CONTRIBUTING.md", () => {
  it.each(rooms)("in the messages of %s/", (room) => {
    const wrong = sourcesBelow(room)
      .flatMap(messagesOf)
      .flatMap(({ place, text }) =>
        wordingProblems(text, "message").map((problem) => `${place}: ${problem}`),
      );
    expect(wrong.join("\n")).toBe("");
  });

  it.each(rooms)("in the comments of %s/", (room) => {
    const wrong = sourcesBelow(room).flatMap((file) =>
      commentsOf(readFileSync(path.join(root, file), "utf8")).flatMap(({ line, text }) =>
        wordingProblems(text, "comment").map((problem) => `${file}:${line}: ${problem}`),
      ),
    );
    expect(wrong.join("\n")).toBe("");
  });

  it("finds comments, and nothing that only looks like one", () => {
    const code = [
      "/**",
      " * One `two three`",
      " * four.",
      " *",
      " * @throws five",
      " */",
      'const six = "// not a comment"; // seven',
      "// eight",
      "const nine = `/* not one ${10 /* eleven */} either */`;",
      "if (six) {",
      "  // twelve",
      "}",
    ].join("\n");
    expect(commentsOf(code)).toEqual([
      { line: 1, text: "One Code four.\n\n@throws five" },
      { line: 7, text: "seven eight" },
      { line: 9, text: "eleven" },
      { line: 11, text: "twelve" },
    ]);
  });

  it("finds the words and the length, and knows where a sentence ends", () => {
    expect(wordingProblems("There is no key, and the device is certified again.", "message")).toHaveLength(2);
    expect(wordingProblems("There is a key.", "prose")).toEqual([]);
    expect(wordingProblems("Whoever has the color.", "comment")).toHaveLength(1);
    expect(wordingProblems("The behaviour of an organisation.", "prose")).toHaveLength(2);
    const sentence = Array.from({ length: 25 }, () => "word").join(" ");
    expect(wordingProblems(`${sentence}. ${sentence}.`, "message")).toEqual([]);
    expect(wordingProblems(`${sentence}, word.`, "message")).toHaveLength(1);
  });
});

function sourcesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.c?ts$/.test(name))
    .map((name) => path.join(folder, name));
}

/** The texts of a file that have at least three words, each as a whole where it is joined from pieces. */
function messagesOf(file: string): Message[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(root, file), "utf8"),
    ts.ScriptTarget.Latest,
  );
  const messages: Message[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isLiteralTypeNode(node)) return;
    const text = textOf(node);
    if (text === undefined) {
      ts.forEachChild(node, visit);
      return;
    }
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    if (text.trim().split(/\s+/).length >= 3) messages.push({ place: `${file}:${line + 1}`, text });
    filledInto(node).forEach(visit);
  };
  visit(source);
  return messages;
}

/** A string, a template, or texts that are joined by `+`; `undefined` for all else. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `{…}${literal.text}`).join("");
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined && right === undefined ? undefined : `${left ?? "{…}"}${right ?? "{…}"}`;
}

/** What is filled into a text, which may hold texts itself. */
function filledInto(node: ts.Node): ts.Node[] {
  if (ts.isTemplateExpression(node)) return node.templateSpans.map(({ expression }) => expression);
  if (!ts.isBinaryExpression(node)) return [];
  return [node.left, node.right].flatMap((each) => (textOf(each) === undefined ? [each] : filledInto(each)));
}
