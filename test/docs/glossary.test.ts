import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { CONDITIONS } from "../../cli/status/words.js";
import { pages, root } from "./pages.js";

/** What the provider calls, by the names of Nordic's API description. */
const operations = new Set(
  sourcesOf("provider/cloud").flatMap((code) =>
    [...code.matchAll(/\boperation: ((?:"\w[^"]*"(?: \| )?)+)/g)].flatMap(([, names = ""]) =>
      [...names.matchAll(/"(\w+)/g)].map(([, name = ""]) => name),
    ),
  ),
);

/** A word that is made like the name of an operation. */
const LIKE_AN_OPERATION =
  /\b(?:Onboard|Register|Associate|Dissociate|Create|Claim|Unclaim|List|Fetch|Update|Delete)[A-Z]\w+/g;

test("each operation that docs and docstrings name is one that the provider calls", () => {
  expect(operations).toContain("RegisterPublicKeys");
  // The emulator serves operations that the provider does not call.
  const docs = pages().filter(({ file }) => file !== "emulator/FIDELITY.md");
  const docstrings = sourcesOf("provider").flatMap((code) => code.match(/\/\*\*[\s\S]*?\*\//g) ?? []);
  const named = [...docs.map(({ text }) => text), ...docstrings].flatMap(
    (text) => text.match(LIKE_AN_OPERATION) ?? [],
  );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((name) => !operations.has(name))).toEqual([]);
});

test("the reference names each operation that the provider calls", () => {
  const reference = pages()
    .filter(({ file }) => file.startsWith(path.join("docs", "reference")))
    .map(({ text }) => text)
    .join("\n");
  expect([...operations].filter((name) => !new RegExp(`\\b${name}\\b`).test(reference))).toEqual([]);
});

test("each word of nRF Cloud in the glossary is the verb of an operation", () => {
  const verbs = section("Verbs").flatMap(({ meaning }) =>
    [...meaning.matchAll(/nRF Cloud: (\w+)|_(\w+)_/g)].map(
      ([, plain, inItalics]) => plain ?? inItalics ?? "",
    ),
  );
  expect(verbs).toEqual(["associate", "dissociate", "unclaim"]);
  const names = [...operations].map((name) => name.toLowerCase());
  expect(verbs.filter((verb) => !names.some((name) => name.startsWith(verb)))).toEqual([]);
});

test("the command line shows conditions by the glossary's words", () => {
  const terms = new Set(section("Conditions").map(({ term }) => term));
  // A device in the account is as it should be, and one that is adopted has a verb of the glossary.
  const ordinary = [CONDITIONS.present, CONDITIONS.adopted];
  expect(Object.values(CONDITIONS).filter((word) => !ordinary.includes(word) && !terms.has(word))).toEqual(
    [],
  );
});

test("no term of the glossary has two meanings", () => {
  const terms = ["Things", "Verbs", "Conditions"]
    .flatMap(section)
    .flatMap(({ term }) => term.split(", "))
    .map((term) => term.toLowerCase());
  expect(terms.length).toBeGreaterThan(30);
  expect(terms.filter((term, index) => terms.indexOf(term) !== index)).toEqual([]);
});

/** The rows below a heading of the glossary. */
function section(heading: string): readonly { readonly term: string; readonly meaning: string }[] {
  const glossary = pages().find(({ file }) => file === path.join("docs", "glossary.md"))?.text ?? "";
  const [, text = ""] = glossary.split(`## ${heading}\n`);
  return (text.split("\n## ")[0] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, term = "", meaning = ""]) => ({ term, meaning }));
}

function sourcesOf(room: string): string[] {
  return readdirSync(path.join(root, room), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(path.join(root, room, file), "utf8"));
}
