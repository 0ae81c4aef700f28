import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { wholeNumber } from "../options.mjs";
import { KNOWN_SEEDS, SHORT_SEEDS } from "./knownSeeds.mjs";

const HELP = `Runs random operations on random fleets with random faults, kills them on the way, and checks that nothing is lost.

  npm run chaos -- [options]

Without --seed and --only, the known seeds are run first: short ones, and those that once failed.

  --runs <number>    how many new runs (default 300)
  --seed <number>    seed of the first of them; the next one has the next (default: any)
  --only <seeds>     only the runs with these seeds, such as 14,15
  --jobs <number>    how many at once (default 2)
  --keep             keep the folders of good runs, too
  --help             print this
`;

/** @typedef {{ seeds: number[], jobs: number, keep: boolean }} Options */

/**
 * Reads the command line; `undefined` when only help was asked for. @throws Error for one that makes no sense
 * @param {string[]} args
 * @returns {Options | undefined}
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: "string", default: "300" },
      seed: { type: "string" },
      only: { type: "string" },
      jobs: { type: "string", default: "2" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    console.log(HELP);
    return undefined;
  }
  const jobs = wholeNumber("--jobs", values.jobs);
  const { keep } = values;
  if (values.only !== undefined)
    return { seeds: values.only.split(",").map((seed) => wholeNumber("--only", seed)), jobs, keep };
  const first = values.seed === undefined ? randomInt(1000, 100_000_000) : wholeNumber("--seed", values.seed);
  const fresh = Array.from({ length: wholeNumber("--runs", values.runs) }, (_, i) => first + i);
  const known = [...SHORT_SEEDS, ...KNOWN_SEEDS].map(({ seed }) => seed);
  const seeds = values.seed === undefined ? [...new Set([...known, ...fresh])] : fresh;
  return { seeds, jobs, keep };
}
