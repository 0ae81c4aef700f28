import { describe, expect, test } from "vitest";
import { readIdPatterns } from "../../cli/fleet/idPatterns.js";
import { CommandError } from "../../cli/commandError.js";

describe("patterns of ids", () => {
  test.each([
    { patterns: ["lab-7"], meant: ["lab-7"], not: ["lab-70", "LAB-7", "lab-07"] },
    { patterns: ["lab-{08..11}"], meant: ["lab-08", "lab-11"], not: ["lab-8", "lab-12"] },
    { patterns: ["lab-*"], meant: ["lab-", "lab-1", "lab-x:y"], not: ["my-lab-1", "lab1"] },
    { patterns: ["*-9", "a, b"], meant: ["lab-9", "a", "b"], not: ["lab-90", "c"] },
    { patterns: ["a.c*"], meant: ["a.cd"], not: ["abcd"] },
    { patterns: [`${"*".repeat(40)}x`], meant: ["x", "abcx"], not: ["y".repeat(64)] },
  ])("$patterns", ({ patterns, meant, not }) => {
    const isMeant = readIdPatterns(patterns, "--only");
    expect(meant.filter((id) => !isMeant(id))).toEqual([]);
    expect(not.filter(isMeant)).toEqual([]);
  });

  test.each([
    { patterns: [], says: "the list has no id" },
    { patterns: [" , "], says: "the list has no id" },
    { patterns: ["lab-{3..1}"], says: "runs backwards" },
    { patterns: ["lab-{1..*}"], says: "is not a range" },
    { patterns: ["lab-{0..9999999}"], says: "narrow its ranges" },
  ])("$patterns is refused: $says", ({ patterns, says }) => {
    const read = () => readIdPatterns(patterns, "--only");
    expect(read).toThrow(CommandError);
    expect(read).toThrow(says);
    expect(read).toThrow("--only: ");
  });
});
