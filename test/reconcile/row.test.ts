import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatRow } from "../../provider/reconcile/table/formatRow.js";
import { parseRow } from "../../provider/reconcile/table/parseRow.js";
import { rowProblems } from "../../provider/reconcile/table/rowProblems.js";
import { anyRow, row } from "./rows.js";

const FP = "0123456789abcdef0123456789abcdef";

describe("a row as a line", () => {
  it("is read as what it was written from, in one line", () => {
    fc.assert(
      fc.property(anyRow, (any) => {
        const line = formatRow(any);
        expect(line).not.toMatch(/[\r\n]/);
        expect(parseRow(line)).toEqual({ ok: true, row: any });
      }),
    );
  });

  it.each([
    ["name", "\u001b]0;owned\u0007\u009b31m\u007f"],
    ["name", "a\u202eb\u2066c\u200bd\u2028e\u{e0041}\ud800"],
    ["name", "::error::x"],
    ["name", "##[error]x ##vso[x] <{%fg 1%}>"],
    ["subType", "::stop-commands::x"],
  ])("shows what somebody else wrote, and nothing obeys it: %s %j", (key, value) => {
    const any = { ...row(""), tags: [value], [key]: value };
    const line = formatRow(any);
    expect(line).toMatch(/^[ -~]+$/);
    expect(line).not.toMatch(/::|##|<\{%/);
    expect(parseRow(line)).toEqual({ ok: true, row: any });
  });

  it("is the same whatever the order of its words", () => {
    fc.assert(
      fc.property(anyRow, fc.infiniteStream(fc.nat()), (any, numbers) => {
        // Words with blanks in them are quoted, so that they may not be split there.
        const words = formatRow(any).match(/[A-Za-z]+(="(?:[^"\\]|\\.)*"|=[^\s"]*)?/g) ?? [];
        const shuffled = words
          .map((word) => ({ word, place: Number(numbers.next().value) }))
          .sort((one, other) => one.place - other.place)
          .map(({ word }) => word);
        expect(parseRow(shuffled.join("  "))).toEqual({ ok: true, row: any });
      }),
    );
  });

  it("reads any row that was written as the same row", () => {
    const word = fc.oneof(
      fc.constantFrom(
        "via=jitp",
        "via=attestation",
        "protect",
        "unclaim",
        "adopt=keep",
        "tags=a,b",
        'name="x y"',
      ),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const parsed = parseRow(words.join(" "));
        if (parsed.ok) expect(parseRow(formatRow(parsed.row))).toEqual(parsed);
        else expect(parsed.problem).not.toBe("");
      }),
      { numRuns: 1000 },
    );
  });

  it("has what differs from the defaults, in this order", () => {
    const words = `subType=tracker tags=lab,oslo firmware=APP,MODEM name="Kit 1" csr=${FP} generation=2 adopt=recertify protect`;
    expect(formatRow(row(words.split(" ").reverse().join(" ").replace('1" name="Kit', 'name="Kit 1"')))).toBe(
      words,
    );
    expect(formatRow(row("via=preconnect"))).toBe("");
    expect(formatRow(row("via=jitp wait=120"))).toBe("via=jitp");
    expect(formatRow(row("via=jitp credential=issued wait=0 pending=allow"))).toBe(
      "via=jitp credential=issued wait=0 pending=allow",
    );
    expect(formatRow(row("unclaim via=attestation"))).toBe("via=attestation unclaim");
  });

  it.each([
    ["tags=a tags=b", "has tags twice"],
    ["color=red", "has color, which a row with via=preconnect can't have"],
    ["via=usb", "has via=usb, which is none of preconnect, jitp, attestation"],
    ["via=constructor", "has via=constructor, which is none of preconnect, jitp, attestation"],
    ["via=attestation name=x", "has name, which a row with via=attestation can't have"],
    ["toString", "has toString, which a row with via=preconnect can't have"],
    ["protect=yes", "has protect=yes, which is not a value of protect"],
    ["adopt=true", "has adopt=true, which is not a value of adopt"],
    ["via=jitp adopt=recertify", "has adopt=recertify, which is not a value of adopt"],
    ["via=jitp wait=10000", "has wait=10000, which is not a value of wait"],
    ["csr=abc", "has csr=abc, which is not a value of csr"],
    ["tags", "has tags=, which is not a value of tags"],
    ["firmware=APP,TOASTER", "has firmware=APP,TOASTER, which is not a value of firmware"],
    [`csr=${FP} publicKey=${FP}`, "has both csr and publicKey"],
    [`certificate=${FP} generation=1`, "has both certificate and generation"],
    ["credential=existing generation=1", "has both credential and generation"],
    ['name="never closed', 'has name="never, which is neither a word nor word=value'],
    ['name="bad \\x"', 'has name="bad \\x", which is neither a word nor word=value'],
    ["= ,", "has =, which is neither a word nor word=value"],
  ])("%s is refused: it %s", (line, problem) => {
    expect(parseRow(line)).toEqual({ ok: false, problem });
  });
});

describe("what nRF Cloud does not take", () => {
  it.each([
    ["", "a b", "is not a device id"],
    ["", "x".repeat(65), "at most 64"],
    ["tags=ü", "d-1", "is not a tag"],
    ["subType=ü", "d-1", "is not a sub-type"],
    [`name=${"x".repeat(129)}`, "d-1", "at most 128"],
    ["via=jitp", "nrf-123", "IMEI"],
    ["via=jitp wait=3601", "d-1", "3,600"],
    ["via=attestation", "d-1", "UUID"],
    ["via=attestation", "6E4A9363-8F70-4B2E-9A55-0D5C1C1F7F10", "capital letters"],
    ['via=attestation tags="a b"', "6e4a9363-8f70-4b2e-9a55-0d5c1c1f7f10", "is not a provisioning tag"],
  ])("%j of %s: %s", (line, id, problem) => {
    expect(rowProblems(id, row(line)).join("\n")).toContain(problem);
  });

  it("is not reported for a valid row", () => {
    fc.assert(
      fc.property(anyRow, (any) => {
        const id = any.way === "attestation" ? "6e4a9363-8f70-4b2e-9a55-0d5c1c1f7f10" : "d-1";
        expect(rowProblems(id, any)).toEqual([]);
      }),
    );
  });
});
