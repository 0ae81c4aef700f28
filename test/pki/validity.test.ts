import { describe, expect, it } from "vitest";
import { isRenewalDue, renewAfter, validityPeriod } from "../../provider/pki/validity.js";
import { pkiError } from "./openssl.js";

const noon = new Date("2026-11-23T12:00:00Z");

describe("validityPeriod", () => {
  it("counts days and hours from the start, in whole seconds", () => {
    expect(validityPeriod({ notBefore: new Date("2026-11-23T12:00:00.999Z"), days: 1 })).toEqual({
      notBefore: noon,
      notAfter: new Date("2026-11-24T12:00:00Z"),
    });
    expect(validityPeriod({ notBefore: noon, hours: 1.5 }).notAfter).toEqual(
      new Date("2026-11-23T13:30:00Z"),
    );
  });

  it.each([
    ["no hours", { notBefore: noon, hours: 0 }],
    ["less than a second", { notBefore: noon, hours: 0.0001 }],
    ["negative days", { notBefore: noon, days: -1 }],
    ["not a number", { notBefore: noon, days: Number.NaN }],
    ["without end", { notBefore: noon, days: Number.POSITIVE_INFINITY }],
    ["an invalid start", { notBefore: new Date("soon"), days: 1 }],
    ["beyond the year 9999", { notBefore: noon, days: 3_000_000 }],
    ["before 1950", { notBefore: new Date("1949-12-31T23:59:59Z"), days: 1 }],
  ])("refuses %s", (_, validity) => {
    pkiError(() => validityPeriod(validity), "invalid-validity");
  });
});

describe("renewal", () => {
  it("is due from the given hours before the end on", () => {
    expect(renewAfter("2026-11-23T12:00:00Z", 24)).toEqual(new Date("2026-11-22T12:00:00Z"));
    expect(isRenewalDue(noon, 24, new Date("2026-11-22T11:59:59Z"))).toBe(false);
    expect(isRenewalDue(noon, 24, new Date("2026-11-22T12:00:00Z"))).toBe(true);
    expect(isRenewalDue(noon, 24, new Date("2030-01-01T00:00:00Z"))).toBe(true);
  });

  it("without early hours is due at the end", () => {
    expect(isRenewalDue(noon, 0, new Date(noon.getTime() - 1))).toBe(false);
    expect(isRenewalDue(noon, 0, noon)).toBe(true);
  });
});
