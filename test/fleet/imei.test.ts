import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkImei, checkJitpDeviceId } from "../../provider/fleet/imei.js";

const digits = (count: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: count, maxLength: count }).map((all) => all.join(""));

describe("an IMEI", () => {
  it.each([
    // The example of 3GPP TS 23.003 and GSMA TS.06, and others in the wild.
    "490154203237518",
    "352656100123457",
    "012656100123459",
    "000000000000000",
  ])("%s is good", (imei) => {
    expect(checkImei(imei)).toBeUndefined();
  });

  it("has exactly one check digit for any fourteen digits", () => {
    fc.assert(
      fc.property(digits(14), (first) => {
        const good = Array.from("0123456789").filter((last) => checkImei(first + last) === undefined);
        expect(good).toHaveLength(1);
      }),
    );
  });

  const imei = digits(14).map((first) => {
    const last = Array.from("0123456789").find((digit) => checkImei(first + digit) === undefined);
    return `${first}${last ?? ""}`;
  });

  it("with any one digit changed is refused", () => {
    fc.assert(
      fc.property(imei, fc.nat(14), fc.integer({ min: 1, max: 9 }), (good, at, shift) => {
        const digit = (Number(good.charAt(at)) + shift) % 10;
        expect(checkImei(`${good.slice(0, at)}${digit}${good.slice(at + 1)}`)?.message).toBe(
          "the check digit of the IMEI is wrong",
        );
      }),
    );
  });

  it("with two adjacent digits swapped is refused, unless they are 0 and 9, or equal", () => {
    fc.assert(
      fc.property(imei, fc.nat(13), (good, at) => {
        const [one, other] = [good.charAt(at), good.charAt(at + 1)];
        const unseen = one === other || one + other === "09" || one + other === "90";
        const swapped = `${good.slice(0, at)}${other}${one}${good.slice(at + 2)}`;
        expect(checkImei(swapped) === undefined).toBe(unseen);
      }),
    );
  });

  it.each([
    ["", "the IMEI is empty"],
    ["35265610012345", "the IMEI has 14 digits, not 15"],
    ["3526561001234570", "the IMEI has 16 digits, not 15"],
    ["35265610012345A", "the IMEI has characters other than digits"],
    ["35-265610-012345-7", "the IMEI has characters other than digits"],
    ["٣٥٢٦٥٦١٠٠١٢٣٤٥٧", "the IMEI has characters other than digits"],
    ["3.52656E+14", "the IMEI is shortened, as spreadsheets do with long numbers"],
    ["3,52656E+14", "the IMEI is shortened, as spreadsheets do with long numbers"],
  ])("%j is none, and is not repeated", (value, message) => {
    const violation = checkImei(value);
    expect(violation?.message).toBe(message);
    if (value !== "") expect(JSON.stringify(violation)).not.toContain(value);
  });
});

describe("the id of a JITP device", () => {
  it.each(["bench-7", "nrf-352656100123457", "NRF-1", "nrf", "352656100123456"])("may be %s", (id) => {
    expect(checkJitpDeviceId(id)).toBeUndefined();
  });

  it.each([
    ["nrf-352656100123456", "the check digit of the IMEI is wrong"],
    ["nrf-", "the IMEI is empty"],
    ["nrf-bench", "the IMEI has characters other than digits"],
    ["a b", "a space is not allowed"],
  ])("can't be %s", (id, reason) => {
    expect(checkJitpDeviceId(id)?.message).toContain(reason);
  });
});
