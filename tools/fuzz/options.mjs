import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { wholeNumber } from "../options.mjs";

const HELP = `Gives every parser of files and answers damaged inputs, and tells of those that are neither read nor refused, or take for ever.

  npm run fuzz -- [options]

  --runs <number>    how many inputs each parser gets (default 20,000)
  --seed <number>    seed of the first of them; the next one has the next (default: any)
  --parser <name>    only this one
  --help             print this
`;

/**
 * Reads the command line; `undefined` when only help was asked for. @throws Error for one that makes no sense
 * @param {string[]} args
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: "string", default: "20000" },
      seed: { type: "string" },
      parser: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    console.log(HELP);
    return undefined;
  }
  return {
    runs: wholeNumber("--runs", values.runs),
    seed: values.seed === undefined ? randomInt(1, 100_000_000) : wholeNumber("--seed", values.seed),
    parser: values.parser,
  };
}
