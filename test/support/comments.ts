import ts from "typescript";

/** A comment of the code without its marks. */
export interface Comment {
  /** Of its first line, counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** The comments of a TypeScript file, in order. Comments `//` on consecutive lines are one comment. */
export function commentsOf(code: string): Comment[] {
  const lines = ts.createSourceFile("code.ts", code, ts.ScriptTarget.Latest);
  const lineAt = (place: number) => lines.getLineAndCharacterOfPosition(place).line + 1;
  const comments: { line: number; text: string }[] = [];
  let resumesOn: number | undefined;
  for (const { start, end } of commentRanges(code)) {
    const raw = code.slice(start, end);
    const before = comments.at(-1);
    if (before !== undefined && raw.startsWith("//") && lineAt(start) === resumesOn)
      before.text += ` ${plain(raw)}`;
    else comments.push({ line: lineAt(start), text: plain(raw) });
    resumesOn = raw.startsWith("//") ? lineAt(end) + 1 : undefined;
  }
  return comments;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** What the scanner reads as comments. It must know where a template resumes, and where a slash begins a regular expression. */
function commentRanges(code: string): Range[] {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, code);
  const ranges: Range[] = [];
  /** For each open brace, whether it is one of a template. */
  const braces: boolean[] = [];
  let previous = ts.SyntaxKind.Unknown;
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    if (kind === ts.SyntaxKind.SingleLineCommentTrivia || kind === ts.SyntaxKind.MultiLineCommentTrivia)
      ranges.push({ start: scanner.getTokenStart(), end: scanner.getTokenEnd() });
    if (kind === ts.SyntaxKind.CloseBraceToken && braces.pop() === true)
      kind = scanner.reScanTemplateToken(false);
    if (kind === ts.SyntaxKind.OpenBraceToken) braces.push(false);
    if (kind === ts.SyntaxKind.TemplateHead || kind === ts.SyntaxKind.TemplateMiddle) braces.push(true);
    if (kind === ts.SyntaxKind.SlashToken && !endsValue(previous)) kind = scanner.reScanSlashToken();
    if (kind < ts.SyntaxKind.FirstTriviaToken || kind > ts.SyntaxKind.LastTriviaToken) previous = kind;
  }
  return ranges;
}

/** Whether a slash after this token divides. */
function endsValue(kind: ts.SyntaxKind): boolean {
  return (
    (kind >= ts.SyntaxKind.FirstLiteralToken && kind <= ts.SyntaxKind.NoSubstitutionTemplateLiteral) ||
    [
      ts.SyntaxKind.TemplateTail,
      ts.SyntaxKind.Identifier,
      ts.SyntaxKind.ThisKeyword,
      ts.SyntaxKind.CloseParenToken,
      ts.SyntaxKind.CloseBracketToken,
    ].includes(kind)
  );
}

/** Without the marks of a comment, and with each paragraph on one line. Code in it is one word. */
function plain(raw: string): string {
  return raw
    .replaceAll(/^(?:\/\*+|\/\/+)|\*+\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\*?\s*/, "").trimEnd())
    .join("\n")
    .replaceAll(/(?<!\n)\n(?![\n@])/g, " ")
    .replaceAll(/`[^`]*`/g, "Code")
    .trim();
}
