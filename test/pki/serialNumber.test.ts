import { describe, expect, it } from "vitest";
import { parseSerialNumber, randomSerialNumber } from "../../provider/pki/serialNumber.js";
import { pkiError } from "./openssl.js";

describe("a serial number", () => {
  it("by default is 16 random bytes, positive and of constant length", () => {
    const many = Array.from({ length: 500 }, randomSerialNumber);
    expect(new Set(many).size).toBe(many.length);
    for (const serial of many) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/);
  });

  it.each([
    ["0x522400C8", "522400c8"],
    ["52:24:00:c8", "522400c8"],
    ["0001", "01"],
    ["1", "01"],
    [" abc ", "0abc"],
    ["7f".repeat(20), "7f".repeat(20)],
  ])("%j is read as %s", (text, hex) => {
    expect(parseSerialNumber(text)).toBe(hex);
  });

  it.each(["", "0x", "0", "0000", "xyz", "-1", "80".repeat(20), "01".repeat(21)])("%j is refused", (text) => {
    pkiError(() => parseSerialNumber(text), "invalid-serial-number");
  });
});
