import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parsers } from "../tools/fuzz/parsers.mjs";
import { fuzz } from "../tools/fuzz/run.mjs";

/*
 * A short run of `npm run fuzz`, with a seed that stays, so that it finds what was broken since and not what is rare.
 */
describe("each parser reads or refuses what is damaged, with an error for people and in time", () => {
  it.each(parsers())("$name", (parser) => {
    const { taken, refused, findings } = fuzz(parser, { seed: 1, runs: 200 });
    expect(findings).toEqual([]);
    expect(taken + refused).toBe(200);
  });
});

it("a parser that breaks is reported, with the seed that shows it", () => {
  const parser = {
    name: "broken",
    samples: ["a", "b"],
    parse(input: Buffer) {
      if (input.includes(";")) throw new TypeError("broken");
    },
  };
  const [found] = fuzz(parser, { seed: 1, runs: 2_000 }).findings;
  expect(found?.problem).toBe("TypeError: broken");
  expect(fuzz(parser, { seed: found?.seed ?? 0, runs: 1 }).findings).toEqual([found]);
});

it("the docs say how many parsers there are", () => {
  expect(readFileSync("docs/security.md", "utf8")).toContain(`each of the ${parsers().length} parsers`);
});
