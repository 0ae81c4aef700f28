import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseIdPattern } from "../../provider/fleet/idPattern.js";

function idsOf(pattern: string): string[] {
  const parsed = parseIdPattern(pattern);
  if (!parsed.ok) throw new Error(parsed.message);
  return [...parsed.pattern.ids()];
}

const literal = fc.stringMatching(/^[A-Za-z0-9:_-]{0,8}$/);
const range = fc
  .record({ first: fc.nat(999), size: fc.integer({ min: 1, max: 12 }), padded: fc.boolean() })
  .map(({ first, size, padded }) => {
    const last = first + size - 1;
    const width = padded ? String(last).length + 1 : 1;
    const members = Array.from({ length: size }, (_, index) => String(first + index).padStart(width, "0"));
    return { text: `{${members[0] ?? ""}..${members.at(-1) ?? ""}}`, members };
  });

describe("an id pattern", () => {
  it.each([
    ["lab-{000..003}", ["lab-000", "lab-001", "lab-002", "lab-003"]],
    ["lab-{8..11}", ["lab-8", "lab-9", "lab-10", "lab-11"]],
    ["r{1..2}-s{08..10}", ["r1-s08", "r1-s09", "r1-s10", "r2-s08", "r2-s09", "r2-s10"]],
    ["nrf-{352656100000001..352656100000002}", ["nrf-352656100000001", "nrf-352656100000002"]],
    ["{0..0}", ["0"]],
    ["bench-1", ["bench-1"]],
  ])("%s stands for its ids, zeros kept, the last range fastest", (pattern, ids) => {
    expect(idsOf(pattern)).toEqual(ids);
  });

  it("with one range yields its numbers in order, padded to the width of its bounds", () => {
    fc.assert(
      fc.property(literal, range, literal, (before, { text, members }, after) => {
        expect(idsOf(before + text + after)).toEqual(members.map((member) => before + member + after));
      }),
    );
  });

  it("with several ranges yields each combination once, as many as its count", () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 3 }), (ranges) => {
        const pattern = ranges.map(({ text }) => text).join("-");
        const expected = ranges
          .map(({ members }) => members)
          .reduce((heads, tails) => heads.flatMap((head) => tails.map((tail) => `${head}-${tail}`)));
        const parsed = parseIdPattern(pattern);
        expect(parsed.ok && parsed.pattern.count).toBe(expected.length);
        expect(idsOf(pattern)).toEqual(expected);
      }),
    );
  });

  it("is counted without being generated", () => {
    const parsed = parseIdPattern("{1..999999}-{1..999999}");
    expect(parsed.ok && parsed.pattern.count).toBe(999999 ** 2);
  });

  it.each([
    ["a b-{1..2}", '"a b-" is not a device id: a space is not allowed'],
    ["{1-2}", '"{1-2}" is not a range'],
    ["{1...2}", '"{1...2}" is not a range'],
    ["{-1..2}", '"{-1..2}" is not a range'],
    ["{a..c}", '"{a..c}" is not a range'],
    ["{}", '"{}" is not a range'],
    ["x{1..2", '"x{1..2" is not an id pattern: a brace has no partner'],
    ["x1..2}", '"x1..2}" is not an id pattern: a brace has no partner'],
    ["{5..1}", "the range {5..1} runs backwards"],
    ["{00..150}", "the range {00..150} has leading zeros, but its bounds differ in length"],
    ["{1..0150}", "the range {1..0150} has leading zeros, but its bounds differ in length"],
    ["{1..1234567890123456}", "the range {1..1234567890123456} has more than 15 digits"],
    ["", "the device id is empty"],
    [
      `${"x".repeat(62)}{98..100}`,
      `"${"x".repeat(57)}..." is not a device id: it has 65 characters, at most 64 are allowed`,
    ],
  ])("%s is refused", (pattern, message) => {
    expect(parseIdPattern(pattern)).toMatchObject({ ok: false, message });
  });

  it("may reach exactly 64 characters", () => {
    expect(idsOf(`${"x".repeat(61)}{098..100}`)).toHaveLength(3);
  });
});
