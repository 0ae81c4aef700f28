import { describe, expect, it } from "vitest";
import { limits } from "../../provider/fleet/sources/file.js";
import { opening, problemsOf } from "./io.js";

const tab =
  "a tab is used for indentation, which YAML does not allow → fix: replace the tab by spaces (many editors have a command for it: convert indentation to spaces)";
const indentation = "the indentation does not fit the lines above → fix: align the line with its siblings";
const open =
  "the quote or bracket that opens here is never closed → fix: close it, or put the value in quotes if the character is part of it";
const empty =
  'fleet.yaml:1:1: the fleet file is empty → fix: begin it with "apiVersion: nrfcloud.dev/v1" and "kind: Fleet", then groups';

/** Each level holds nine of the one before: unfolded it would have 9^30 entries. */
function aliasBomb(): string {
  const levels = Array.from(
    { length: 30 },
    (_, level) => `${" ".repeat(2)}- &a${level + 1} [${Array(9).fill(`*a${level}`).join(", ")}]`,
  );
  return `${opening}bomb:\n  - &a0 [x, x]\n${levels.join("\n")}\n`;
}

describe("YAML that can't be read", () => {
  it.each<[string, string, string[]]>([
    [
      "tabs, every line of them",
      `${opening}groups:\n\tlab:\n\t\tids: a\n`,
      [`fleet.yaml:5:1: ${tab}`, `fleet.yaml:6:1: ${tab}`],
    ],
    [
      "a tab after good lines",
      `${opening}groups:\n  lab:\n    ids: a\n  \ttags: [a]\n`,
      [`fleet.yaml:7:3: ${tab}`],
    ],
    ["a tab in a block text", `${opening}groups:\n  lab:\n    ids: |\n\ta\n`, [`fleet.yaml:7:1: ${tab}`]],
    [
      "an open quote, where it opens",
      `${opening}groups:\n  lab:\n    ids: 'a\n    tags: [b]\n`,
      [`fleet.yaml:6:10: ${open}`],
    ],
    [
      "an open bracket, where it opens",
      `${opening}groups:\n  lab:\n    ids: [a\n    tags: [b]\n`,
      [`fleet.yaml:6:10: ${open}`],
    ],
    [
      "an open brace at the end, where it opens",
      `${opening}groups: { lab: { ids: a }\n`,
      [`fleet.yaml:4:9: ${open}`],
    ],
    [
      "uneven indentation",
      `${opening}groups:\n   lab:\n     ids: a\n  bench:\n     ids: b\n`,
      [`fleet.yaml:7:1: ${indentation}`],
    ],
    [
      "a pattern without quotes inside braces",
      `${opening}groups:\n  lab: { ids: lab-{000..499} }\n`,
      [
        "fleet.yaml:5:19: this does not fit the YAML before it → fix: check quotes, brackets and indentation; put a value with { } [ ] in quotes",
      ],
    ],
    [
      "a colon inside a value",
      `${opening}groups:\n  lab:\n    ids: a: b\n`,
      [
        "fleet.yaml:6:10: the line has a second key or list → fix: put it on its own line, or put a value that contains ': ' in quotes",
      ],
    ],
    [
      "a reserved character",
      `${opening}groups:\n  lab:\n    ids: @a\n`,
      ["fleet.yaml:6:10: a value begins with a character that YAML reserves → fix: put the value in quotes"],
    ],
    [
      "two documents",
      `${opening}groups:\n  lab:\n    ids: a\n---\nkind: Fleet\n`,
      [
        'fleet.yaml:7:1: the file has more than one YAML document → fix: keep one document, and remove the "---" line between',
      ],
    ],
    [
      "a custom tag",
      `${opening}groups:\n  lab:\n    ids: !secret a\n`,
      ["fleet.yaml:6:10: YAML tags (!word) are not understood here → fix: remove the tag"],
    ],
    [
      "a list as key",
      `${opening}groups:\n  [a]: {}\n`,
      [
        "fleet.yaml:5:3: a key is a list or map → fix: write plain keys; put a value that begins with { in quotes",
      ],
    ],
    [
      "an alias without anchor",
      `${opening}groups:\n  lab:\n    ids: *lab\n`,
      [
        "fleet.yaml:6:10: an alias (*name) has no anchor (&name) before it → fix: define the anchor first, or put the value in quotes",
      ],
    ],
    [
      "an alias bomb",
      aliasBomb(),
      [
        "fleet.yaml:6:10: aliases expand to too many values: an anchor may be used at most 1000 times, aliases within it included → fix: write common settings once, under defaults or in the group",
      ],
    ],
    [
      "an alias that contains itself",
      `${opening}groups: &all\n  lab: *all\n`,
      [
        "fleet.yaml:5:8 groups.lab.lab.lab.lab.lab: the definition is nested too deeply, or contains itself → fix: remove the level; a fleet needs no more than six",
      ],
    ],
    ["nothing", "", [empty]],
    ["only a comment", "# soon\n", [empty]],
    ["a list", "- lab\n", ["fleet.yaml:1:1: it must be a map, not a list → fix: write a map"]],
    ["a text", "hello\n", ['fleet.yaml:1:1: it must be a map, not "hello" → fix: write a map']],
    [
      "more than ten megabytes",
      `# ${"x".repeat(limits.fleetFile)}`,
      [
        'fleet.yaml:1:1: the file "fleet.yaml" is larger than 10 MB → fix: check that it is the right file, or split it',
      ],
    ],
  ])("%s", (_, text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  it.each([
    ["brackets", `${opening}groups: ${"[".repeat(20_000)}`],
    ["lines", Array.from({ length: 3_000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
  ])("%s nested without end", (_, text) => {
    // How deep the parser comes depends on the stack.
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(
        /^fleet\.yaml:\d+:\d+: the YAML is nested too deeply → fix: write it flat: a fleet needs no more than six levels$/,
      ),
    ]);
  });

  it("a repeated key is reported together with all other problems", () => {
    expect(problemsOf(`${opening}groups:\n  lab:\n    ids: a\n    "ids": b\n    tags: [a b]\n`)).toEqual([
      'fleet.yaml:7:5: the same map has the key "ids" twice → fix: remove or rename one of the two',
      'fleet.yaml:8:12 groups.lab.tags[0]: "a b" is not a tag: a space is not allowed → fix: use only letters, digits and _ . @ : # -',
    ]);
  });

  it("is reported without quoting the text, which may contain a secret", () => {
    const secret = "MHcCAQEEIsecret";
    for (const text of [
      `key: -----BEGIN EC PRIVATE KEY-----\n${secret}\n-----END EC PRIVATE KEY-----\n`,
      `key: |\n${secret}\nmore\n`,
      `key: "${secret}\n`,
      `key: [1]${secret}\n`,
      `key: ]${secret}\n`,
      `key: *${secret}\n`,
      `key: !${secret} a\n`,
    ]) {
      const problems = problemsOf(text);
      expect(problems).not.toEqual([]);
      expect(problems.join("\n")).not.toContain(secret);
    }
  });

  it("a byte order mark and CRLF line ends are no problem, nor do they shift positions", () => {
    const text = `\uFEFF${opening}groups:\n  lab:\n    ids: a\n    tag: x\n`.replaceAll("\n", "\r\n");
    expect(problemsOf(text)).toEqual([
      'fleet.yaml:7:5 groups.lab.tag: unknown key "tag" → fix: did you mean "tags"?',
    ]);
    expect(problemsOf(text.replace("    tag: x\r\n", ""))).toEqual([]);
  });

  it("anchors and aliases work, and problems in them point at the anchor's text", () => {
    expect(
      problemsOf(
        `${opening}groups:\n  lab:\n    ids: a\n    tags: &t [good, b d]\n  bench:\n    ids: b\n    tags: *t\n`,
      ),
    ).toEqual([
      'fleet.yaml:7:21 groups.lab.tags[1]: "b d" is not a tag: a space is not allowed → fix: use only letters, digits and _ . @ : # -',
      'fleet.yaml:7:21 groups.bench.tags[1]: "b d" is not a tag: a space is not allowed → fix: use only letters, digits and _ . @ : # -',
    ]);
  });
});
