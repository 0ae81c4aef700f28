import { describe, expect, it } from "vitest";
import { SECRET, Secrets } from "../../../cli/report/secrets.js";

/*
 * Work that grows with the square of these would take minutes, a hundred times as long as a test may.
 */
describe("secrets are taken out in a time that grows with the text alone", () => {
  it("of a word of a million letters that ends like a token", () => {
    const letters = "a".repeat(1_000_000);
    expect(new Secrets().scrub(`before ${letters}.2dn3hQFQ after`)).toBe(`before ${letters}.${SECRET} after`);
    expect(new Secrets().scrub(`before ${letters}2dn3hQFQ-x.y after`)).toBe(`before ${SECRET} after`);
    expect(new Secrets().scrub(`2dn3hQFQ ${"a-".repeat(500_000)}`)).toBe(`${SECRET} ${"a-".repeat(500_000)}`);
  });

  it("of as many messages as there are devices, each with a secret that begins like all others", () => {
    const secrets = new Secrets();
    const keys = Array.from({ length: 50_000 }, (_, i) => `MIGHAgEAMBMGByqGSM49${i}`);
    secrets.hide({ privateKeys: keys }, []);
    for (const key of keys)
      expect(secrets.scrub(`the key ${key} is refused`)).toBe(`the key ${SECRET} is refused`);
  });

  it("of very many beginnings of private keys", () => {
    const text = "-----BEGIN EC ".repeat(100_000);
    expect(new Secrets().scrub(text)).toBe(text);
  });
});

it("of secrets that begin alike the longest is taken out", () => {
  const secrets = new Secrets();
  secrets.hide({ privateKey: "sesame", token: "sesame-open", password: "short" }, []);
  expect(secrets.scrub("sesame sesame-open sesames short")).toBe(`${SECRET} ${SECRET} ${SECRET}s short`);
});
