import { describe, expect, it } from "vitest";
import { cleanObject } from "../../provider/engine/outputs.js";

describe("cleanObject", () => {
  it("lets plain JSON through as it is", () => {
    const value = { text: "a", number: 1.5, flag: false, nothing: null, list: [1, [2], { a: "b" }], bag: {} };
    expect(cleanObject(value)).toEqual(value);
  });

  it("drops undefined at every depth", () => {
    expect(cleanObject({ a: undefined, b: { c: undefined, d: [{ e: undefined, f: 1 }] } })).toStrictEqual({
      b: { d: [{ f: 1 }] },
    });
    expect(cleanObject({ list: ["a", undefined, "b"] })).toStrictEqual({ list: ["a", "b"] });
  });

  it("gives a copy that the host may add to", () => {
    const given = Object.freeze({ bag: Object.freeze({ a: 1 }) });
    const cleaned = cleanObject(given);
    expect(cleaned).not.toBe(given);
    expect(Object.isFrozen(cleaned)).toBe(false);
  });

  it("takes objects without a prototype", () => {
    const bag: unknown = Object.assign(Object.create(null), { a: 1 });
    expect(cleanObject({ bag })).toEqual({ bag: { a: 1 } });
  });

  it.each<[string, unknown]>([
    ["a BigInt", 1n],
    ["a Buffer", Buffer.from("secret")],
    ["a Date", new Date(0)],
    ["a Map", new Map()],
    ["a Set", new Set()],
    ["a function", () => "secret"],
    ["a symbol", Symbol("secret")],
    ["NaN", NaN],
    ["Infinity", Infinity],
    ["an instance of a class", new URL("https://secret")],
  ])("refuses %s and names its path, never its content", (_, value) => {
    let problem = "";
    try {
      cleanObject({ certificate: { chain: ["fine", value] } });
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      problem = String(error);
    }
    expect(problem).toContain("certificate.chain[1]");
    expect(problem).not.toMatch(/secret/i);
  });
});
