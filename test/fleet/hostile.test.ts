import { afterEach, describe, expect, it } from "vitest";
import { load, opening, openingWithoutCa, problemsOf, problemsOfObject } from "./io.js";

/*
 * Files that were made to hurt, such as a pull request could bring. Each is so large that work growing with its square, or
 * with what it unfolds to, would take many times as long as a test may; what is done takes a small part of it.
 */

const many = (count: number, entry: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => entry(i));
const inCsv = `${opening}groups: { factory: { csv: f.csv } }\n`;

afterEach(() => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect({}).not.toHaveProperty("polluted");
});

describe("a fleet file is refused, with its place, if it", () => {
  it.each<[string, string, RegExp]>([
    [
      "has very many keys in one map",
      `${opening}${many(60_000, (i) => `key${i}: 1\n`).join("")}`,
      /^fleet\.yaml:1:1: the fleet names no devices/,
    ],
    [
      "repeats a key very often",
      `${opening}${"x: 1\n".repeat(50_000)}`,
      /^fleet\.yaml:5:1: the same map has the key "x" twice/,
    ],
    [
      "reaches into JavaScript's objects very often",
      `${opening}groups:\n${many(20_000, (i) => `  g${i}: { __proto__: { polluted: 1 } }\n`).join("")}`,
      /^fleet\.yaml:5:\d+ groups\.g0.*/,
    ],
    [
      "is wrong in very many places of its shape",
      `${opening}groups: { a: { devices: [${"1,".repeat(110_000)}] } }\n`,
      /^fleet\.yaml:4:\d+ groups\.a\.devices.*exceed 100,000/,
    ],
    [
      "has more lines than the parser can bear",
      `${opening}${"#\n".repeat(3_000_000)}`,
      /^fleet\.yaml:1:1: the file has more than 1,000,000 lines and marks/,
    ],
    ...["[", "{", "]", "}", "[]", '""', "&a ", "!a ", "*a "].map((mark): [string, string, RegExp] => [
      `is five megabytes of ${mark}`,
      mark.repeat(5_000_000 / mark.length),
      /^fleet\.yaml:1:1: the file has more than 1,000,000 lines and marks/,
    ]),
    ...["[", "{a: ", '["]", {a: '].map((mark): [string, string, RegExp] => [
      `is nested in ${mark}`,
      `${opening}# [ "[" is no bracket\nx: "[["\ny: ${mark.repeat(90_000)}`,
      /^fleet\.yaml:6:\d+: the YAML is nested too deeply/,
    ]),
    ...["- ", "? "].map((mark): [string, string, RegExp] => [
      `is nested in ${mark}`,
      `${opening}${mark.repeat(2_000_000)}`,
      /^fleet\.yaml:4:1: the YAML is nested too deeply/,
    ]),
    [
      "has very many anchors, each used once",
      `${opening}x: [${many(40_000, (i) => `&a${i} y, *a${i}`).join(",")}]\n`,
      /^fleet\.yaml:4:\d+: the file has more than 10,000 anchors/,
    ],
    [
      "uses one anchor of a long list over and over",
      `${opening}x: [&a [${"1,".repeat(50_000)}]${",*a".repeat(900)}]\n`,
      /^fleet\.yaml:1:1: the definition expands to more than 1,000,000 values/,
    ],
    [
      "gives all devices very many tags",
      `${opening}defaults: { tags: [${many(20_000, (i) => `t${i}`).join(",")}] }\ngroups: { a: { ids: "x{1..99999}" } }\n`,
      /^fleet\.yaml:4:\d+ defaults\.tags: it has 20,000 entries, at most 100 are allowed/,
    ],
    [
      "gives all devices a very long name",
      `${opening}groups: { a: { ids: "x{1..99999}", name: "${"{id}".repeat(200_000)}" } }\n`,
      /^fleet\.yaml:4:\d+ groups\.a\.name: .* at most 128 are allowed/,
    ],
    [
      "has a placeholder that never ends",
      `${opening}groups: { a: { ids: x, name: "{${"n".repeat(900)}" } }\n`,
      /^fleet\.yaml:4:\d+ groups\.a\.name: "\{n{56}\.\.\." is not a placeholder/,
    ],
    [
      "has ranges that stand for more devices than there are atoms",
      `${opening}groups: { a: { ids: "{1..999999999999999}{1..999999999999999}{1..999999999999999}{1..9}" } }\n`,
      /^fleet\.yaml:4:\d+ groups\.a\.ids: with these .* devices the fleet would exceed 100,000/,
    ],
    [
      "has a certificate of nothing but line breaks",
      `${openingWithoutCa}groups: { a: { devices: [{ id: x, certificate: "-----BEGIN CERTIFICATE-----${"\\n".repeat(1_000_000)}" }] } }\n`,
      /^fleet\.yaml:3:\d+ groups\.a\.devices\[0\]\.certificate: the PEM block of the certificate is damaged/,
    ],
    [
      "has an id of nine million characters",
      `${opening}groups: { a: { ids: ${"x".repeat(9_000_000)} } }\n`,
      /^fleet\.yaml:4:\d+ groups\.a\.ids: "x{57}\.\.\." is not a device id: it has 9000000 characters/,
    ],
    [
      "merges keys",
      `${opening}defaults: &d { tags: [a] }\ngroups: { a: { <<: *d, ids: x } }\n`,
      /^fleet\.yaml:5:\d+ groups\.a\.?\S*: unknown key "<<" → fix: merge keys are not supported/,
    ],
    [
      "hides a forbidden key deep inside",
      `${opening}groups: { a: { devices: [{ id: x, certificate: { file: a, constructor: { prototype: {} } } }] } }\n`,
      /^fleet\.yaml:4:\d+ groups\.a\.devices\[0\]\.certificate\.constructor: the key "constructor" is not allowed/,
    ],
    [
      "hides a forbidden key behind an alias",
      `${opening}x: &x { __proto__: { polluted: 1 } }\ngroups: { a: *x }\n`,
      /the key "__proto__" is not allowed/,
    ],
    [
      "hides a forbidden key behind quotes and escapes",
      `${opening}groups: { "\\u005f_proto__": { ids: x } }\n`,
      /^fleet\.yaml:4:\d+ groups\.__proto__: the key "__proto__" is not allowed/,
    ],
  ])("%s", (_, text, expected) => {
    const problems = problemsOf(text);
    expect(problems.find((problem) => expected.test(problem)) ?? problems.slice(0, 3)).toMatch(expected);
    for (const problem of problems) expect(problem.length).toBeLessThan(1000);
  });
});

it("any number of brackets is allowed in quotes, comments and plain text", () => {
  const text = `${opening}# ${"[".repeat(500)}\ngroups: { a: { ids: x, name: "${"[".repeat(120)}" } }\n`;
  expect(load(text).devices).toMatchObject([{ name: "[".repeat(120) }]);
});

describe("a CSV file is refused, with its place, if it", () => {
  it.each<[string, string, RegExp]>([
    [
      "has very many columns",
      `id,${"x,".repeat(200_000)}\na\n`,
      /^f\.csv:1:1 .*the first row has 200,001 cells/,
    ],
    [
      "has very many cells in a row",
      `id,name\na${",".repeat(2_000_000)}b\n`,
      /^f\.csv:2:1 .*the row has 2000001 cells, not 2/,
    ],
    [
      "has very many wrong tags behind a very long cell",
      `id,name,tags\na,${"n".repeat(1_000_000)},${"t t|".repeat(100_000)}\n`,
      /^f\.csv:2:3 .*is not a name: it has 1000000 characters/,
    ],
    [
      "has very many quotes that never close",
      `id,name\n${'x,"'.repeat(500_000)}\n`,
      /^f\.csv:2:\d+ .*a double quote/,
    ],
    [
      "names a column that is JavaScript's own",
      "id,__proto__,constructor\na,b,c\n",
      /^f\.csv:1:4 .*unknown column "__proto__"/,
    ],
    [
      "has only such columns",
      "__proto__,constructor\na,b\n",
      /^f\.csv:1:1 .*the first row is neither a header/,
    ],
  ])("%s", (_, csv, expected) => {
    const problems = problemsOf(inCsv, { "f.csv": csv });
    expect(problems[0]).toMatch(expected);
    for (const problem of problems) expect(problem.length).toBeLessThan(1000);
  });

  it("but any number of blank lines is allowed", () => {
    expect(load(inCsv, { "f.csv": `id,name\n${" \n".repeat(2_000_000)}a,b\n` }).devices).toHaveLength(1);
  });
});

describe("a definition that a program gives is refused if it", () => {
  it("expands to too many values", () => {
    let shared: unknown = ["x"];
    for (let level = 0; level < 12; level++) shared = Array<unknown>(10).fill(shared);
    expect(problemsOfObject({ groups: { a: { devices: shared } } })).toEqual([
      expect.stringContaining("the definition expands to more than 1,000,000 values"),
    ]);
  });

  it("has a sparse array", () => {
    const holes: unknown[] = [];
    holes.length = 4_000_000_000;
    expect(problemsOfObject({ groups: { a: { devices: holes } } })).toEqual([
      expect.stringContaining("the definition expands to more than 1,000,000 values"),
    ]);
  });

  it("has a forbidden key anywhere", () => {
    for (const key of ["__proto__", "constructor", "prototype"]) {
      const hostile: unknown = JSON.parse(
        `{"groups": {"a": {"devices": [{"id": "x", "certificate": {"${key}": {"polluted": 1}}}]}}}`,
      );
      expect(problemsOfObject(hostile).join("\n")).toContain(
        `certificate.${key}: the key "${key}" is not allowed`,
      );
    }
  });
});

it("names of JavaScript's own properties are allowed as ids, tags and group names", () => {
  const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];
  const csv = `id,name,tags\n${names.map((name) => `csv:${name},${name},${names.join("|")}`).join("\n")}\n`;
  const text = `${opening}groups:
  toString: { devices: [${names.join(", ")}], tags: [${names.join(", ")}] }
  hasOwnProperty: { csv: f.csv }
  valueOf: { ids: "valueOf-{0..2}" }
`;
  const { devices } = load(text, { "f.csv": csv });
  expect(devices.map(({ deviceId }) => deviceId)).toEqual([
    ...names,
    ...names.map((name) => `csv:${name}`),
    "valueOf-0",
    "valueOf-1",
    "valueOf-2",
  ]);
  for (const { tags } of devices.slice(0, 10)) expect(tags).toEqual(names);
  expect(devices[5]?.name).toBe("__proto__");
});

it("of very many problems the first are printed and the others counted", () => {
  const problems = problemsOf(inCsv, { "f.csv": `id\n${many(60_000, (i) => `a b${i}\n`).join("")}` });
  expect(problems).toHaveLength(501);
  expect(problems[0]).toMatch(/^f\.csv:2:1 .*"a b0" is not a device id/);
  expect(problems.at(-1)).toBe("… and 9500 more");
});
