import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { load, opening, pem, problemsOf, problemsOfObject } from "./io.js";
import { attestationToken } from "./tokens.js";

const fleet = `${opening}defaults: { tags: &t [all] }
groups:
  sensors:
    ids: ["lab-{00..09}", "x{1..3}"]
    name: "Sensor {id}"
  bench:
    tags: *t
    devices:
      - one
      - { id: two, adopt: recertify, csr: ${JSON.stringify(pem("CERTIFICATE REQUEST"))} }
  factory: { csv: f.csv }
jitp:
  kits: { csv: kits.csv, pending: allow }
  lot: { devices: [{ id: lot-1 }, { imei: 352656100123457 }], codes: { env: LOT } }
claims:
  trackers: { csv: tokens.csv, tags: [location=Trondheim] }
  bench: { devices: [{ token: { env: TOKEN }, tags: [x] }] }
`;
const csv = `id,name,tags,certificate\na-1,"A ""1""",x|y,"${pem("CERTIFICATE")}"\na-2,,,\n`;

const kits = `imei,id,code,tags\n352656100000002,,secret-secret-first,x|y\n,kit-number-two,secret-secret-other,\n`;
const lot = `lot-1,secret-secret-third\n352656100123457,secret-secret-fourth\n`;
const uuids = [1, 2, 3].map((number) => `50363154-3931-44f0-8022-00000000000${number}`);
const [token1 = "", token2 = "", token3 = ""] = uuids.map(attestationToken);
const tokens = `350457791234567,${uuids[0]},${token1},2026-11-02\n350457791234575,${uuids[1]},${token2},2026-11-02\n`;
const files = { "f.csv": csv, "kits.csv": kits, "tokens.csv": tokens };
const env = { LOT: lot, TOKEN: token3 };

/** A text with a few characters taken out and others put in. */
function damaged(text: string): fc.Arbitrary<string> {
  const damage = fc.record({
    at: fc.nat(text.length),
    cut: fc.nat(3),
    put: fc.string({
      unit: fc.constantFrom(...Array.from("\t\n\r \"'{}[]&*!|>-:,;#%@`?<~a1\u0000\uFEFFå")),
      maxLength: 3,
    }),
  });
  return fc
    .array(damage, { minLength: 1, maxLength: 3 })
    .map((damages) =>
      damages.reduce((now, { at, cut, put }) => now.slice(0, at) + put + now.slice(at + cut), text),
    );
}

describe("with arbitrary input", () => {
  it("the undamaged fleet loads", () => {
    const { devices, jitp, claims } = load(fleet, files, env);
    expect(devices).toHaveLength(17);
    expect(jitp).toHaveLength(4);
    expect(claims).toHaveLength(3);
  });

  it("a damaged fleet file loads or is refused with problems that have a position", () => {
    fc.assert(
      fc.property(damaged(fleet), (text) => {
        for (const line of problemsOf(text, files, env))
          expect(line).toMatch(/^(fleet\.yaml|f\.csv|kits\.csv|tokens\.csv):\d+:\d+.*: .* → fix: ./);
      }),
      { numRuns: 500 },
    );
  });

  it("a damaged CSV file loads or is refused with problems on lines that it has", () => {
    fc.assert(
      fc.property(damaged(csv), (text) => {
        const lines = text.split(/\r\n|\r|\n/).length;
        for (const problem of problemsOf(fleet, { ...files, "f.csv": text }, env)) {
          // Zero bytes can make it look like UTF-16. Such a file has no lines to report.
          if (problem.includes("is UTF-16 text")) continue;
          const line = Number(/^f\.csv:(\d+):\d+ /.exec(problem)?.[1]);
          expect(line, problem).toBeLessThanOrEqual(lines);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("a damaged CSV file or list of codes loads or is refused without quoting a code", () => {
    fc.assert(
      fc.property(damaged(kits), damaged(lot), (badKits, badLot) => {
        const problems = problemsOf(fleet, { ...files, "kits.csv": badKits }, { ...env, LOT: badLot });
        expect(problems.join("\n")).not.toMatch(/secret/);
      }),
      { numRuns: 500 },
    );
  });

  it("a damaged file of tokens loads or is refused without quoting a token", () => {
    // Long enough that no word of a message is a part of a token by chance.
    const parts = [token1, token2, token3].flatMap((token) => token.match(/.{8}/g) ?? []);
    fc.assert(
      fc.property(damaged(tokens), damaged(token3), (badTokens, badToken) => {
        const text = problemsOf(
          fleet,
          { ...files, "tokens.csv": badTokens },
          { ...env, TOKEN: badToken },
        ).join("\n");
        expect(parts.filter((part) => text.includes(part))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("an arbitrary object loads or is refused with problems", () => {
    const keys = fc.constantFrom(
      "apiVersion",
      "kind",
      "ca",
      "groups",
      "jitp",
      "claims",
      "token",
      "uuid",
      "codes",
      "code",
      "imei",
      "ids",
      "devices",
      "csv",
      "tags",
      "id",
      "adopt",
      "__proto__",
    );
    fc.assert(
      fc.property(
        fc.object({ key: keys, maxDepth: 5, withBigInt: true, withDate: true, withMap: true }),
        (object) => {
          expect(problemsOfObject(object)).not.toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
