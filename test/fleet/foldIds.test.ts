import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldIds } from "../../provider/fleet/foldIds.js";
import { parseIdPattern } from "../../provider/fleet/idPattern.js";

function expand(patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern) => {
    const parsed = parseIdPattern(pattern);
    if (!parsed.ok) throw new Error(parsed.message);
    return [...parsed.pattern.ids()];
  });
}

/** Few letters and many digits, so that runs, zeros in front and gaps come up often. */
const crowded = fc.array(fc.stringMatching(/^[ab0-2]{1,3}(-[0-2]{0,2})?$/), { maxLength: 200 });
const deviceIds = fc.array(fc.stringMatching(/^[A-Za-z0-9:_-]{1,64}$/), { maxLength: 50 });
const numbers = fc
  .record({
    start: fc.nat(1200),
    size: fc.integer({ min: 1, max: 150 }),
    width: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ start, size, width }) =>
    Array.from({ length: size }, (_, index) => `n${String(start + index).padStart(width, "0")}`),
  );

describe("folded ids", () => {
  it.each([
    ["nothing", [], []],
    ["one id", ["bench-1"], ["bench-1"]],
    ["ids without gaps", ["s-8", "s-9", "s-10"], ["s-{8..10}"]],
    ["zeros in front", ["s-098", "s-099", "s-100", "s-101"], ["s-{098..101}"]],
    ["gaps", ["s-1", "s-2", "s-4"], ["s-{1..2}", "s-4"]],
    ["numbers of another length", ["s-998", "s-999", "s-1000"], ["s-{998..1000}"]],
    ["zeros that end with a longer number", ["s-0", "s-08", "s-09", "s-10", "s-11"], ["s-0", "s-{08..11}"]],
    ["ids that are told twice", ["a", "b", "a"], ["a", "b"]],
    ["two runs of digits", ["r1-s1", "r1-s2", "r2-s1", "r2-s2"], ["r{1..2}-s{1..2}"]],
    ["a table with a hole", ["r1-s1", "r1-s2", "r2-s1"], ["r1-s{1..2}", "r2-s1"]],
    ["IMEIs", ["352656100000009", "352656100000010"], ["{352656100000009..352656100000010}"]],
    [
      "longer numbers than a range may have",
      ["90000000000000001", "90000000000000002"],
      ["90{000000000000001..000000000000002}"],
    ],
    ["braces", ["{1..2}", "x{1}", "x{2}"], ["{1..2}", "x{1}", "x{2}"]],
  ])("%s", (_, ids, folded) => {
    expect(foldIds([...ids].reverse())).toEqual(folded);
  });

  it("match exactly the given ids, whatever these are", () => {
    fc.assert(
      fc.property(fc.oneof(crowded, deviceIds, numbers), (ids) => {
        expect(expand(foldIds(ids)).sort()).toEqual([...new Set(ids)].sort());
      }),
      { numRuns: 500 },
    );
  });

  it("are one pattern for consecutive numbers in any order", () => {
    fc.assert(
      fc.property(
        numbers.chain((ids) => fc.shuffledSubarray(ids, { minLength: ids.length })),
        (ids) => {
          const widths = new Set(ids.map((id) => id.length));
          const padded = ids.some((id) => /^n0\d/.test(id));
          expect(foldIds(ids)).toHaveLength(padded ? widths.size : 1);
        },
      ),
    );
  });

  it("of a fleet of 100,000 are computed quickly", () => {
    const ids = Array.from({ length: 100_000 }, (_, index) => `sensor-${String(index).padStart(5, "0")}`);
    expect(foldIds(ids)).toEqual(["sensor-{00000..99999}"]);
  });
});
