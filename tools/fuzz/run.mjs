// Gives damaged inputs to a parser, and reports those that it neither reads nor refuses in time.

import { Random } from "../chaos/random.mjs";
import { damaged } from "./mutate.mjs";
import { isExpected } from "./parsers.mjs";

/** Most take less than a millisecond. What grows with the square of its input takes minutes. */
const MOST_MS = 5_000;

/**
 * @typedef {object} Finding
 * @property {number} seed
 * @property {string} problem
 * @property {Buffer} input
 */

/**
 * @param {import("./parsers.mjs").Parser} parser
 * @param {{ seed: number, runs: number }} options
 * @returns {{ taken: number, refused: number, findings: Finding[] }}
 */
export function fuzz({ samples, parse }, { seed: first, runs }) {
  const inputs = samples.map((sample) => Buffer.from(sample));
  for (const input of inputs) parse(input);
  const result = { taken: 0, refused: 0, findings: /** @type {Finding[]} */ ([]) };
  for (let seed = first; seed < first + runs; seed++) {
    const random = new Random(seed);
    const input = damaged(random.pick(inputs), inputs, random);
    const started = performance.now();
    try {
      parse(input);
      result.taken += 1;
    } catch (error) {
      if (isExpected(error)) result.refused += 1;
      else result.findings.push({ seed, problem: String(error), input });
    }
    const took = performance.now() - started;
    if (took > MOST_MS) result.findings.push({ seed, problem: `took ${Math.round(took)} ms`, input });
  }
  return result;
}
