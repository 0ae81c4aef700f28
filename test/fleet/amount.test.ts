import { describe, expect, it } from "vitest";
import { amountText, resolveAmount, readAmount } from "../../provider/fleet/amount.js";

describe("an amount", () => {
  it.each([
    [0, 500, 0],
    [10, 500, 10],
    ["5%", 850, 42],
    ["100%", 7, 7],
    ["0%", 7, 0],
  ])("%s of %i is %i, and reads the same once it is written", (declared, size, most) => {
    const limit = readAmount(declared);
    expect(limit && resolveAmount(limit, size)).toBe(most);
    const written = limit && amountText(limit);
    expect(written).toBe(String(declared));
    expect(readAmount(written)).toEqual(limit);
  });

  it.each([-1, 1.5, "101%", "five", "", "-5", "5 %", true, null])("%s is refused", (declared) => {
    expect(readAmount(declared)).toBeUndefined();
  });
});
