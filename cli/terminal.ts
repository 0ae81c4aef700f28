import path from "node:path";
import { styleText } from "node:util";
import { Help } from "commander";

/** Says something that was asked for, on standard output. Lines wrap at the width of a terminal. */
export function say(text: string): void {
  process.stdout.write(`${wrapped(relativePaths(text), widthOf(process.stdout))}\n`);
}

/** Prints a result on standard output exactly as it is: JSON, or columns. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Says something beside the result, on standard error: progress, remarks, what happens next. */
export function tell(text: string): void {
  process.stderr.write(`${wrapped(relativePaths(text), widthOf(process.stderr))}\n`);
}

/** Columns of a terminal; `undefined` for a file or a pipe, where nothing wraps. */
export function widthOf(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY ? stream.columns : undefined;
}

/**
 * Wraps each line at blanks. The rest of a line stands two columns further in than its beginning.
 * @param width in columns; `undefined` leaves the text as it is
 */
export function wrapped(text: string, width: number | undefined): string {
  if (width === undefined) return text;
  const help = new Help();
  return text
    .split("\n")
    .map((line) => {
      const indent = /^ */.exec(line)?.[0] ?? "";
      const lines = help.boxWrap(line.slice(indent.length), width - indent.length - HANGING.length);
      return `${indent}${lines.replaceAll("\n", `\n${indent}${HANGING}`)}`;
    })
    .join("\n");
}

const HANGING = "  ";

/** A text in which paths below the user's folder are relative to it. */
export function relativePaths(text: string, folder = process.cwd()): string {
  return folder === path.parse(folder).root ? text : text.replaceAll(`${folder}${path.sep}`, `.${path.sep}`);
}

/** What a text is about, which decides its colour. */
export type Tone = "+" | "~" | "-/+" | "-" | "!" | "failure" | "total";

type Style = Parameters<typeof styleText>[0];

const STYLES: Readonly<Record<Tone, readonly Style[]>> = {
  "+": ["green"],
  "~": ["yellow"],
  "-/+": ["magenta"],
  "-": ["red"],
  "!": ["bold", "red"],
  failure: ["bold", "red"],
  total: ["bold"],
};

/** A text of standard output in the colour of its tone; plain where it is no terminal, unless `FORCE_COLOR` is set, and by `NO_COLOR`. */
export function painted(text: string, tone: Tone): string {
  // Node 20 does not ask the stream where it is given several styles at once.
  return STYLES[tone].reduce((styled, style) => styleText(style, styled, { stream: process.stdout }), text);
}

/** A number as people read it: 12,345. */
export function figure(value: number): string {
  return value.toLocaleString("en");
}

/** `1 device`, `12,345 devices`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${figure(value)} ${value === 1 ? one : many}`;
}
