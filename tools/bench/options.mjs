import path from "node:path";
import { parseArgs } from "node:util";

/** With default settings the state is written anew at every step: ten times the devices are a hundred times the bytes. */
const LARGEST_COMPARED = 1000;

const HELP = `Measures certificates, and the life of whole fleets with the real Pulumi engine against the nRF Cloud emulator.

  npm run bench -- [sizes] [options]

  sizes                        devices of the fleets, e.g. 1000 10000 (the default)
  --json <file>                write everything that was measured there, too
  --certificates <number>      certificates to sign on each core (default 5000)
  --no-default-settings        leave out the run with default settings, which is slow. It is made for the smallest
                               size, where that is at most ${LARGEST_COMPARED.toLocaleString("en")} devices
  --consistency-delay <ms>     see \`npm run emulator -- --help\` for these and their defaults
  --bulk-delay <ms>
  --latency <ms>
  --faults <file.json>         tools/bench/onePercent.json lets one request in a hundred fail, in each of several ways
  --help                       print this
`;

/**
 * @typedef {object} Options
 * @property {number[]} sizes  Ascending.
 * @property {number | undefined} comparedSize  The size that is run with default settings as well.
 * @property {number} certificates
 * @property {string | undefined} json
 * @property {string[]} emulatorOptions
 */

/**
 * Reads the command line; `undefined` when only help was asked for. @throws Error for one that makes no sense
 * @param {string[]} args
 * @returns {Options | undefined}
 */
export function readOptions(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: "string" },
      certificates: { type: "string" },
      "no-default-settings": { type: "boolean" },
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
  const given = positionals.flatMap((text) => text.split(",")).map((text) => wholeNumber("a size", text));
  const sizes = [...new Set(given.length > 0 ? given : [1000, 10_000])].sort((a, b) => a - b);
  const [smallest = 0] = sizes;
  return {
    sizes,
    comparedSize:
      values["no-default-settings"] === true || smallest > LARGEST_COMPARED ? undefined : smallest,
    certificates: wholeNumber("--certificates", values.certificates ?? "5000"),
    json: values.json,
    emulatorOptions: [
      .../** @type {const} */ (["consistency-delay", "bulk-delay", "latency"]).flatMap((name) =>
        values[name] === undefined ? [] : [`--${name}`, values[name]],
      ),
      ...(values.faults === undefined
        ? []
        : ["--faults", path.resolve(process.env.INIT_CWD ?? "", values.faults)]),
    ],
  };
}

/**
 * @param {string} what
 * @param {string} text
 */
function wholeNumber(what, text) {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${what} must be a whole number above 0, not "${text}"`);
  return Number(text);
}
