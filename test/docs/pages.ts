import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export const root = path.resolve(__dirname, "..", "..");

/** A page that people read. */
export interface Page {
  /** From the root of the checkout. */
  readonly file: string;
  readonly text: string;
}

/** README, CONTRIBUTING, CHANGELOG, docs/, the READMEs of the examples, and what the emulator imitates. */
export function pages(): Page[] {
  const files = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    ...markdownBelow("docs"),
    ...markdownBelow("examples"),
    "emulator/FIDELITY.md",
  ];
  return files.map((file) => ({ file, text: readFileSync(path.join(root, file), "utf8") }));
}

function markdownBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md") && !file.includes("node_modules"))
    .map((file) => path.join(folder, file))
    .sort();
}

/** The blocks of code of a page in a language, each with the number of its first line. */
export function codeBlocks(
  { text }: Page,
  language: string,
): { readonly line: number; readonly code: string }[] {
  const blocks = text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, "gm"));
  return [...blocks].map(({ index, 1: indent = "", 2: code = "" }) => ({
    line: text.slice(0, index).split("\n").length + 1,
    code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

/** A page without its code, its comments and what only machines read. */
export function prose({ text }: Page): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, blank).replaceAll(/<!--[\s\S]*?-->/g, blank);
}

/** As many lines as before, so that line numbers stay true. */
function blank(text: string): string {
  return "\n".repeat(text.split("\n").length - 1);
}
