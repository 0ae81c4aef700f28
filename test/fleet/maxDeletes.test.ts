import { describe, expect, it } from "vitest";
import { limitText, mostDeletes, readMaxDeletes } from "../../provider/fleet/maxDeletes.js";

describe("maxDeletes", () => {
  it.each([
    [0, 500, 0],
    [10, 500, 10],
    ["5%", 850, 42],
    ["100%", 7, 7],
    ["0%", 7, 0],
  ])("%s of a fleet of %i is %i, and reads the same once it is written", (declared, size, most) => {
    const limit = readMaxDeletes(declared);
    expect(limit && mostDeletes(limit, size)).toBe(most);
    const written = limit && limitText(limit);
    expect(written).toBe(String(declared));
    expect(readMaxDeletes(written)).toEqual(limit);
  });

  it.each([-1, 1.5, "101%", "five", "", "-5", "5 %", true, null])("%s is none", (declared) => {
    expect(readMaxDeletes(declared)).toBeUndefined();
  });
});
