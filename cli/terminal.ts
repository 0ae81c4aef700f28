import path from "node:path";
import { styleText } from "node:util";
import { Help } from "commander";

/** Prints a result for people on standard output. Lines wrap at the width of a terminal. */
export function printText(text: string): void {
  process.stdout.write(`${wrapped(relativePaths(text), widthOf(process.stdout))}\n`);
}

/** Prints a result on standard output without any change: JSON, or columns. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints progress, remarks and next steps on standard error. Lines wrap at the width of a terminal. */
export function printNote(text: string): void {
  process.stderr.write(`${wrapped(relativePaths(text), widthOf(process.stderr))}\n`);
}

/** The width of a terminal in columns; `undefined` for a file or a pipe, where lines do not wrap. */
export function widthOf(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY ? stream.columns : undefined;
}

/**
 * Wraps each line at spaces. Indents the rest of a line by two more columns.
 * @param width in columns; `undefined` does not wrap
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

/** Makes paths below the user's current folder relative to it. */
export function relativePaths(text: string, folder = process.cwd()): string {
  return folder === path.parse(folder).root ? text : text.replaceAll(`${folder}${path.sep}`, `.${path.sep}`);
}

/** The kind of a line, which decides its color. */
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

/** A text in the color of its tone. Plain if standard output is not a terminal (unless `FORCE_COLOR` is set), and with `NO_COLOR`. */
export function painted(text: string, tone: Tone): string {
  // Node 20 ignores the stream if it gets several styles at once.
  return STYLES[tone].reduce((styled, style) => styleText(style, styled, { stream: process.stdout }), text);
}

/** A number with separators: 12,345. */
export function figure(value: number): string {
  return value.toLocaleString("en");
}

/** `1 device`, `12,345 devices`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${figure(value)} ${value === 1 ? one : many}`;
}
