import { parseArgs } from "node:util";

const HELP = `Runs random operations on random fleets with random faults, kills them on the way, and checks that nothing is lost.

  npm run chaos -- [options]

  --runs <number>    how many runs (default 10)
  --seed <number>    seed of the first run; the next one has the next (default 1)
  --only <seed>      only the run with this seed
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
      runs: { type: "string", default: "10" },
      seed: { type: "string", default: "1" },
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
  const first = wholeNumber("--seed", values.seed);
  const runs = wholeNumber("--runs", values.runs);
  const seeds =
    values.only === undefined
      ? Array.from({ length: runs }, (_, i) => first + i)
      : [wholeNumber("--only", values.only)];
  return { seeds, jobs: wholeNumber("--jobs", values.jobs), keep: values.keep };
}

/**
 * @param {string} what
 * @param {string} text
 */
function wholeNumber(what, text) {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${what} must be a whole number above 0, not "${text}"`);
  return Number(text);
}
