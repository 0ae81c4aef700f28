import path from "node:path";
import { parseArgs } from "node:util";

const DEFAULT_DEVICES = 10_000;
const SMALLEST = 200;

const HELP = `Measures the life of a fleet, one DeviceSet, by the real Pulumi engine with its default settings against the nRF Cloud emulator, and
beside it the engine's floor: the same operations on an empty resource with as many lines and as much state.

  npm run bench -- [options]

  --devices <numbers>          sizes of the fleets, e.g. 10000,100000 (default ${DEFAULT_DEVICES}, at least ${SMALLEST})
  --nordic                     instead: make 1,000 devices by nrfcloud-utils and by us (needs python3 with venv, and PyPI once)
  --no-floor                   leave the floor out
  --profile <folder>           keep a CPU profile of each program and provider there, for Chrome's developer tools
  --json <file>                write everything that was measured there, too
  --consistency-delay <ms>     see \`npm run emulator -- --help\` for these and their defaults
  --bulk-delay <ms>
  --latency <ms>
  --faults <file.json>         tools/bench/onePercent.json lets one request in a hundred fail, in each of several ways
  --help                       print this
`;

/**
 * @typedef {object} Options
 * @property {number[]} sizes  Ascending.
 * @property {boolean} nordic
 * @property {boolean} floor
 * @property {string | undefined} profile  Absolute path.
 * @property {string | undefined} json  Absolute path.
 * @property {string[]} emulatorOptions
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
      devices: { type: "string" },
      nordic: { type: "boolean" },
      "no-floor": { type: "boolean" },
      profile: { type: "string" },
      json: { type: "string" },
      "consistency-delay": { type: "string" },
      "bulk-delay": { type: "string" },
      latency: { type: "string" },
      faults: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    console.log(HELP);
    return undefined;
  }
  if (values.nordic === true && values.devices !== undefined) {
    throw new Error("--nordic always makes 1,000 devices, the most that one file of nrfcloud-utils can have");
  }
  const sizes = (values.devices ?? String(DEFAULT_DEVICES)).split(",").map(size);
  return {
    sizes: [...new Set(sizes)].sort((one, other) => one - other),
    nordic: values.nordic === true,
    floor: values["no-floor"] !== true,
    profile: fromHere(values.profile),
    json: fromHere(values.json),
    emulatorOptions: [
      .../** @type {const} */ (["consistency-delay", "bulk-delay", "latency"]).flatMap((name) =>
        values[name] === undefined ? [] : [`--${name}`, values[name]],
      ),
      ...(values.faults === undefined ? [] : ["--faults", fromHere(values.faults)]),
    ],
  };
}

/** @param {string} text */
function size(text) {
  if (!/^\d+$/.test(text) || Number(text) < SMALLEST) {
    throw new Error(`--devices takes whole numbers of at least ${SMALLEST}, not "${text}"`);
  }
  return Number(text);
}

/**
 * A path as the person meant it, who may stand in a folder below: npm runs this in the root of the checkout.
 * @template {string | undefined} Path
 * @param {Path} given
 * @returns {Path extends undefined ? string | undefined : string}
 */
function fromHere(given) {
  const absolute = given === undefined ? undefined : path.resolve(process.env.INIT_CWD ?? "", given);
  return /** @type {Path extends undefined ? string | undefined : string} */ (absolute);
}
