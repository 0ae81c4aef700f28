// The life of a fleet from nothing to nothing, each operation measured.

import { startEmulator } from "./emulator.mjs";
import { Stack } from "./stack.mjs";

/**
 * @typedef {object} Measured  One operation on the whole fleet.
 * @property {Operation} operation
 * @property {number} seconds
 * @property {import("./emulator.mjs").Traffic} http
 * @property {import("./stack.mjs").StateBytes | undefined} state  After it; `undefined` where there is none, or the one before.
 * @property {number | undefined} providerPeakBytes
 *
 * @typedef {{ devices: number, settings: import("./settings.mjs").Settings, measured: Measured[] }} Life
 * @typedef {typeof operations[number]} Operation
 */

export const operations = /** @type {const} */ ([
  "create",
  "no-change preview",
  "refresh",
  "tag change of all",
  "destroy",
]);

/** The command of each. Nothing is previewed twice, and what should change nothing fails when it does. */
const commands = /** @type {const} @satisfies {Record<Operation, readonly string[]>} */ ({
  create: ["up", "--yes", "--skip-preview"],
  "no-change preview": ["preview", "--expect-no-changes"],
  refresh: ["refresh", "--yes", "--skip-preview", "--expect-no-changes"],
  "tag change of all": ["up", "--yes", "--skip-preview"],
  destroy: ["destroy", "--yes", "--skip-preview"],
});

/**
 * Gives each measurement as soon as it is made. @throws Error when a command fails or does not do what it should
 * @param {{ devices: number, settings: import("./settings.mjs").Settings }} fleet
 * @param {string} bin  Folder of the Pulumi CLI.
 * @param {string[]} emulatorOptions
 * @returns {AsyncGenerator<Measured, void, undefined>}
 */
export async function* liveThrough({ devices, settings }, bin, emulatorOptions) {
  const emulator = await startEmulator(emulatorOptions);
  const stack = new Stack({ bin, endpoint: emulator.endpoint, env: settings.env });
  try {
    await stack.init();
    for (const operation of operations) {
      const tags = tagsAfter(operation);
      stack.declare(devices, tags);
      await emulator.forgetTraffic();
      const { seconds, providerPeakBytes } = await stack.run([...commands[operation], ...settings.args]);
      const http = await emulator.traffic();
      checkAccount(operation, await emulator.devices(), operation === "destroy" ? 0 : devices, tags);
      const stateless = operation === "no-change preview" || operation === "destroy";
      const state = stateless ? undefined : await stack.stateBytes();
      yield { operation, seconds, http, state, providerPeakBytes };
    }
  } finally {
    stack.remove();
    emulator.stop();
  }
}

/** @param {Operation} operation */
function tagsAfter(operation) {
  return operation === "tag change of all" || operation === "destroy" ? ["bench", "retagged"] : ["bench"];
}

/**
 * What the account holds is what was declared: a fast run that did nothing is no result.
 * @param {Operation} operation
 * @param {import("./emulator.mjs").Device[]} found
 * @param {number} expected
 * @param {string[]} tags
 */
function checkAccount(operation, found, expected, tags) {
  if (found.length !== expected) {
    throw new Error(`After "${operation}" the account holds ${found.length} devices instead of ${expected}.`);
  }
  const other = found.find((device) => device.tags.join() !== tags.join());
  if (other !== undefined) {
    throw new Error(`After "${operation}" device ${other.id} has the tags ${other.tags.join(", ")}.`);
  }
}
