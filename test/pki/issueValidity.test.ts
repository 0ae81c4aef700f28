import { describe, expect, it } from "vitest";
import { issueValidity } from "../../provider/pki/issueValidity.js";
import { outsideOf, validityPeriod } from "../../provider/pki/validity.js";

const at = (text: string) => new Date(text);
const period = (now: string, service?: string) =>
  validityPeriod(issueValidity(30, at(now), service === undefined ? undefined : at(service)));

describe("the validity of what is issued now", () => {
  it("begins an hour ago and lasts for the days that were asked for", () => {
    expect(period("2027-01-02T12:00:00Z")).toEqual({
      notBefore: at("2027-01-02T11:00:00Z"),
      notAfter: at("2027-02-01T11:00:00Z"),
    });
  });

  it("begins by the service's clock where this machine's is ahead, and does not end earlier for it", () => {
    expect(period("2027-01-03T12:00:00Z", "2027-01-02T12:00:00Z")).toEqual({
      notBefore: at("2027-01-02T11:00:00Z"),
      notAfter: at("2027-02-02T11:00:00Z"),
    });
  });

  it("begins by this machine's clock where that is behind", () => {
    expect(period("2027-01-02T12:00:00Z", "2027-01-03T12:00:00Z").notBefore).toEqual(
      at("2027-01-02T11:00:00Z"),
    );
  });
});

describe("whether a validity holds now", () => {
  const validity = { notBefore: "2027-01-01T00:00:00Z", notAfter: "2027-12-31T00:00:00Z" };

  it.each([
    ["2026-12-31T23:00:00Z", "begins at 2027-01-01T00:00:00Z only"],
    // Clocks differ by as much.
    ["2026-12-31T23:55:00Z", undefined],
    ["2027-06-01T00:00:00Z", undefined],
    ["2027-12-31T00:00:00Z", undefined],
    ["2027-12-31T00:00:01Z", "expired at 2027-12-31T00:00:00Z"],
  ])("at %s", (now, expected) => {
    expect(outsideOf(validity, at(now))).toBe(expected);
  });
});
