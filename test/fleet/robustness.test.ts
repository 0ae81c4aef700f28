import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { load, opening, pem, problemsOf, problemsOfObject } from "./io.js";

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
`;
const csv = `id,name,tags,certificate\na-1,"A ""1""",x|y,"${pem("CERTIFICATE")}"\na-2,,,\n`;

const kits = `imei,id,code,tags\n352656100000002,,secret-secret-secret,x|y\n,kit-number-two,secret-secret-secret,\n`;
const lot = `lot-1,secret-secret-secret\n352656100123457,secret-secret-secret\n`;
const files = { "f.csv": csv, "kits.csv": kits };
const env = { LOT: lot };

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

describe("whatever it is given", () => {
  it("the undamaged fleet loads", () => {
    const { devices, jitp } = load(fleet, files, env);
    expect(devices).toHaveLength(17);
    expect(jitp).toHaveLength(4);
  });

  it("a damaged fleet file loads or is refused with problems that have a position", () => {
    fc.assert(
      fc.property(damaged(fleet), (text) => {
        for (const line of problemsOf(text, files, env))
          expect(line).toMatch(/^(fleet\.yaml|f\.csv|kits\.csv):\d+:\d+.*: .* → fix: ./);
      }),
      { numRuns: 500 },
    );
  });

  it("a damaged CSV file loads or is refused with problems on lines that it has", () => {
    fc.assert(
      fc.property(damaged(csv), (text) => {
        const lines = text.split(/\r\n|\r|\n/).length;
        for (const problem of problemsOf(fleet, { ...files, "f.csv": text }, env)) {
          const line = Number(/^f\.csv:(\d+):\d+ /.exec(problem)?.[1]);
          expect(line, problem).toBeLessThanOrEqual(lines);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("a damaged CSV file or list of codes loads or is refused without a word of the codes", () => {
    fc.assert(
      fc.property(damaged(kits), damaged(lot), (badKits, badLot) => {
        const problems = problemsOf(fleet, { ...files, "kits.csv": badKits }, { LOT: badLot });
        expect(problems.join("\n")).not.toMatch(/secret/);
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
