import fc from "fast-check";
import { expect, it } from "vitest";
import { inNaturalOrder } from "../../provider/fleet/naturalOrder.js";

it("is the order of people", () => {
  const ids = ["0", "00", "a", "b", "B", "lab", "lab_9", "lab-09", "lab-9", "Lab-9", "lab-10", "lab:9"];
  expect([...ids].reverse().sort(inNaturalOrder)).toEqual(ids);
});

it("is the one of Intl.Collator, whatever the ids are", () => {
  const collator = new Intl.Collator("en", { numeric: true });
  const few = fc.stringMatching(/^[aAbB0-2_:-]{0,6}$/);
  const strange = fc.string({
    unit: fc.constantFrom(...Array.from("aA01_-."), " ", "é", "\u0301", "\u0661", "\0", "ß"),
    maxLength: 5,
  });
  const any = fc.oneof(
    few,
    strange,
    fc.stringMatching(/^[A-Za-z0-9:_-]{1,64}$/),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(any, any, (one, other) => {
      const expected = collator.compare(one, other) || (one < other ? -1 : Number(one > other));
      expect(Math.sign(inNaturalOrder(one, other)), JSON.stringify([one, other])).toBe(Math.sign(expected));
    }),
    { numRuns: 20_000 },
  );
});
