import path from "node:path";
import { parseArgs } from "node:util";
import { wholeNumber } from "../options.mjs";

const DEFAULTS = { stacks: "10", devices: "10000", "at-once": "2" };

const HELP = `Measures one account that is split into many stacks, as an account of a million devices must be: one process drives them all by Pulumi's
Automation API, with inline programs, against one nRF Cloud emulator.

  npm run bench:stacks -- [options]

  --stacks <number>    how many stacks (default ${DEFAULTS.stacks})
  --devices <number>   devices of each (default ${DEFAULTS.devices}, at most 100000)
  --at-once <number>   stacks that are worked on at the same time (default ${DEFAULTS["at-once"]})
  --json <file>        write everything that was measured there, too
  --help               print this
`;

/** What the fleet of one stack may have: see docs/scale.md. */
const MOST_DEVICES = 100_000;

/**
 * @typedef {object} Options
 * @property {number} stacks
 * @property {number} devices  Of each stack.
 * @property {number} atOnce
 * @property {string | undefined} json  Absolute path.
 */

/**
 * Reads the command line; `undefined` when only help was asked for. @throws Error for one that makes no sense
 * @param {string[]} args
 * @returns {Options | undefined}
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      stacks: { type: "string", default: DEFAULTS.stacks },
      devices: { type: "string", default: DEFAULTS.devices },
      "at-once": { type: "string", default: DEFAULTS["at-once"] },
      json: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    console.log(HELP);
    return undefined;
  }
  const devices = wholeNumber("--devices", values.devices);
  if (devices > MOST_DEVICES) throw new Error(`--devices must be at most ${MOST_DEVICES}`);
  return {
    stacks: wholeNumber("--stacks", values.stacks),
    devices,
    atOnce: wholeNumber("--at-once", values["at-once"]),
    json: values.json === undefined ? undefined : path.resolve(values.json),
  };
}
