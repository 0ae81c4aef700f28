import { expect, test } from "vitest";
import { wordingProblems } from "../support/wording.js";
import { pages, prose, type Page } from "./pages.js";

const all = pages();

test("no page has a long sentence, or a phrase that readers of English as a second language do not know", () => {
  const problems = all.flatMap((page) =>
    blocksOf(page).flatMap(({ line, text }) =>
      wordingProblems(text, "prose").map((problem) => `${page.file}:${line} ${problem}`),
    ),
  );
  expect(problems.join("\n")).toBe("");
});

test("no page has a phrase that the table of CONTRIBUTING.md forbids", () => {
  const forbidden = forbiddenPhrases();
  expect(forbidden).toContain("is made anew");
  const found = all.flatMap((page) =>
    blocksOf(page).flatMap(({ line, text }) =>
      forbidden.flatMap((phrase) =>
        new RegExp(`\\b${phrase}\\b`, "i").test(text) ? [`${page.file}:${line} "${phrase}": ${text}`] : [],
      ),
    ),
  );
  expect(found.join("\n")).toBe("");
});

test("code is one word, a link is its text, and each cell and item is read by itself", () => {
  const text =
    "One `three four` [seven](eight.md)!\nNine.\n\n- nine ten\n- eleven\n\n| a b | c \\| d |\n| - | - |\n";
  expect(blocksOf({ file: "", text })).toEqual([
    { line: 1, text: "One Code seven! Nine." },
    { line: 4, text: "nine ten" },
    { line: 5, text: "eleven" },
    { line: 7, text: "a b" },
    { line: 7, text: "c \\| d" },
  ]);
});

interface Block {
  readonly line: number;
  readonly text: string;
}

/** The paragraphs, the items of lists and the cells of tables of a page. Of CONTRIBUTING.md without the table of what not to write. */
function blocksOf(page: Page): Block[] {
  const blocks: { line: number; text: string }[] = [];
  let open = false;
  const text = page.file === "CONTRIBUTING.md" ? page.text.replace(FORBIDDEN_TABLE, "") : page.text;
  for (const [index, read] of prose({ ...page, text })
    .split("\n")
    .entries()) {
    const line = index + 1;
    const trimmed = read.trim().replace(/^> ?/, "");
    if (trimmed.startsWith("|")) {
      blocks.push(...trimmed.split(/(?<!\\)\|/).map((cell) => ({ line, text: cell })));
      open = false;
    } else if (trimmed === "" || /^(?:#|!\[)/.test(trimmed)) {
      blocks.push({ line, text: trimmed.replace(/^#+/, "") });
      open = false;
    } else if (!open || /^(?:[-*]|\d+\.) /.test(trimmed)) {
      blocks.push({ line, text: trimmed.replace(/^(?:[-*]|\d+\.) /, "") });
      open = true;
    } else {
      const last = blocks.at(-1);
      if (last !== undefined) last.text += ` ${trimmed}`;
    }
  }
  return blocks
    .map(({ line, text }) => ({ line, text: plain(text).trim() }))
    .filter(({ text }) => /[\p{L}\d]/u.test(text));
}

/** Without markup: code is one word, and a link is its text. */
function plain(text: string): string {
  return text
    .replaceAll(/`[^`]*`/g, "Code")
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}/g, "");
}

const FORBIDDEN_TABLE = /^\| Not .*\n(?:\|.*\n)*/m;

/** The left column of CONTRIBUTING's table. Single words depend on what is around them. */
function forbiddenPhrases(): string[] {
  const contributing = all.find(({ file }) => file === "CONTRIBUTING.md");
  const [, ...rows] = FORBIDDEN_TABLE.exec(contributing?.text ?? "")?.[0].split("\n") ?? [];
  return rows
    .filter((row) => row.startsWith("|") && !row.startsWith("| -"))
    .flatMap((row) => (row.split("|")[1] ?? "").split(","))
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase.includes(" "));
}
