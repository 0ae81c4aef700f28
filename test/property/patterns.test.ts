import fc from "fast-check";
import { expect, it } from "vitest";
import { parseIdPattern } from "../../provider/fleet/idPattern.js";
import { checkDeviceId } from "../../provider/fleet/rules.js";

const range = fc
  .record({ first: fc.nat(120), size: fc.integer({ min: 0, max: 6 }), zeros: fc.nat(2) })
  .map(({ first, size, zeros }) => `{${"0".repeat(zeros)}${first}..${"0".repeat(zeros)}${first + size}}`);
const piece = fc.oneof(
  range,
  fc.stringMatching(/^[a-z0-9:_-]{0,20}$/),
  fc.constantFrom("{", "}", "..", "{a..b}", "{1..0}", " ", "å"),
);
const pattern = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(""));

it("a pattern yields as many ids as it announces, all different and legal, or it is refused in words", () => {
  fc.assert(
    fc.property(pattern, (text) => {
      const parsed = parseIdPattern(text);
      if (!parsed.ok) {
        expect(parsed.message.length * parsed.fix.length).toBeGreaterThan(0);
        return;
      }
      fc.pre(parsed.pattern.count <= 5000);
      const ids = [...parsed.pattern.ids()];
      expect(ids).toHaveLength(parsed.pattern.count);
      expect(ids.filter((id) => checkDeviceId(id))).toEqual([]);
      // Two ranges side by side can name an id twice ({1..2}{1..12}), which the fleet refuses with both places.
      if (!text.includes("}{")) expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 1000 },
  );
});

it("a text without ranges stands for itself", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii", maxLength: 70 }), (text) => {
      fc.pre(!/[{}]/.test(text));
      const parsed = parseIdPattern(text);
      expect(parsed.ok ? [...parsed.pattern.ids()] : []).toEqual(checkDeviceId(text) ? [] : [text]);
    }),
  );
});
