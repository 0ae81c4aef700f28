import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExpectedError } from "../../provider/engine/errors.js";
import { Seal } from "../../provider/journal/seal.js";
import { KEY, OTHER_KEY } from "./support.js";

const seal = new Seal(KEY, "a.log");
const value = { rows: [{ id: "lab-1", privateKey: "SECRET" }] };
const line = seal.seal(5, value);

describe("a sealed line", () => {
  it("says what was sealed, and its place", () => {
    expect(seal.unseal(line)).toEqual({ place: 5, value });
  });

  it("is another one each time, and shows nothing", () => {
    expect(seal.seal(5, value)).not.toBe(line);
    expect(Buffer.from(line.slice(2), "base64").toString("latin1")).not.toMatch(/lab-1|SECRET|rows/);
  });

  it.each<[string, string]>([
    ["in another place", line.replace(/^5/, "6")],
    ["of another key", new Seal(OTHER_KEY, "a.log").seal(5, value)],
    ["of another log", new Seal(KEY, "b.log").seal(5, value)],
    ["without a place", line.slice(2)],
    ["in clear", `5 ${Buffer.from(JSON.stringify(value)).toString("base64")}`],
    ["cut", line.slice(0, -4)],
    ["too short to have a seal", "5 AAAA"],
    ["of a place that is no number", line.replace(/^5/, "-5")],
    ["empty", ""],
  ])("is not opened: %s", (_, text) => {
    expect(seal.unseal(text)).toBeUndefined();
  });

  it("is not opened with any bit changed", () => {
    const bytes = Buffer.from(line.slice(2), "base64");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const other = Buffer.from(bytes);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(seal.unseal(`5 ${other.toString("base64")}`)).toBeUndefined();
    }
  });

  it("has a tag of full length: a short one could be guessed", () => {
    const bytes = Buffer.from(line.slice(2), "base64");
    for (const length of [4, 8, 12]) {
      const short = Buffer.concat([
        bytes.subarray(0, 12),
        bytes.subarray(12, 12 + length),
        bytes.subarray(28),
      ]);
      expect(seal.unseal(`5 ${short.toString("base64")}`)).toBeUndefined();
    }
  });

  it("never makes reading fail", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `3 ${text}`),
        ),
        (text) => {
          expect(seal.unseal(text)).toBeUndefined();
        },
      ),
    );
  });
});

describe("a key", () => {
  it.each(["", "SEAL", KEY.slice(4), KEY + KEY])("of another length than 32 bytes is refused: %s", (key) => {
    expect(() => new Seal(key, "a.log")).toThrow(ExpectedError);
  });

  it("is not in the message when it is refused", () => {
    const secret = KEY.slice(8);
    expect(() => new Seal(secret, "a.log")).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret) as unknown }) as Error,
    );
  });

  it("has a name that reveals nothing of it", () => {
    expect(Seal.idOf(KEY)).toMatch(/^[0-9a-f]{8}$/);
    expect(Seal.idOf(KEY)).not.toBe(Seal.idOf(OTHER_KEY));
  });
});
