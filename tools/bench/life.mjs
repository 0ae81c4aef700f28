// Measures each operation of a fleet's life, from the creation to the destroy.

import { startEmulator } from "./emulator.mjs";
import { fleetAt, idOf, PREVIEWED, tagsById } from "./fleet.mjs";
import { ours, shapeOf } from "./projects.mjs";
import { Stack } from "./stack.mjs";

/**
 * @typedef {object} Measured  One operation on the whole fleet.
 * @property {Operation} operation
 * @property {number} seconds
 * @property {import("./memory.mjs").Processes} processes
 * @property {import("./emulator.mjs").Traffic} http
 * @property {number} stateBytes  After it.
 *
 * @typedef {object} Life
 * @property {number} devices
 * @property {"ours" | "floor"} project
 * @property {Measured[]} measured
 * @property {import("./projects.mjs").Shape | undefined} shape  Of the state after "create".
 *
 * @typedef {keyof typeof OPERATIONS} Operation
 * @typedef {{ bin: string, emulatorOptions: string[], profile: string | undefined }} Setting
 */

/** The command of each. Nothing is previewed twice, and what should change nothing fails when it does. */
const OPERATIONS =
  /** @type {const} @satisfies {Record<string, { stage: import("./fleet.mjs").Stage, command: string[] }>} */ ({
    create: { stage: "created", command: ["up", "--yes", "--skip-preview"] },
    "preview, no changes": { stage: "created", command: ["preview", "--expect-no-changes"] },
    refresh: {
      stage: "created",
      command: ["refresh", "--yes", "--skip-preview", "--expect-no-changes"],
    },
    "tags of 1 %": { stage: "retagged", command: ["up", "--yes", "--skip-preview"] },
    "preview, five change": { stage: "previewed", command: ["preview", "--diff"] },
    destroy: { stage: "retagged", command: ["destroy", "--yes", "--skip-preview"] },
  });

/**
 * Gives each measurement as soon as it is made, and adds it to the life. @throws Error when a command fails or does not do what it should
 * @param {Life} life
 * @param {import("./projects.mjs").Project} project
 * @param {Setting} setting
 * @returns {AsyncGenerator<Measured, void, undefined>}
 */
export async function* liveThrough(life, project, { bin, emulatorOptions, profile }) {
  const { devices } = life;
  const emulator = await startEmulator(emulatorOptions);
  const stack = new Stack({ bin, endpoint: emulator.endpoint, profile });
  try {
    project.write(stack);
    await stack.init();
    for (const [name, { stage, command }] of Object.entries(OPERATIONS)) {
      const operation = /** @type {Operation} */ (name);
      project.declare(stack, fleetAt(devices, stage));
      await emulator.forgetTraffic();
      const title = `${project.name}-${devices}-${name.replace(/\W+/g, "-")}`;
      const { seconds, output, processes } = await stack.run(command, title);
      const http = await emulator.traffic();
      if (operation === "preview, five change") checkPreview(output, devices);
      if (project === ours) checkAccount(operation, await emulator.devices(), devices);
      const measured = { operation, seconds, processes, http, stateBytes: stack.stateBytes() };
      life.measured.push(measured);
      if (operation === "create" && project === ours) life.shape = await shapeOf(stack);
      yield measured;
    }
  } finally {
    stack.remove();
    emulator.stop();
  }
}

/**
 * A preview of five rows shows these and no other.
 * @param {string} output
 * @param {number} devices
 */
function checkPreview(output, devices) {
  const shown = new Set(output.match(/bench-\d+(?=\s*:)/g));
  const expected = Array.from({ length: PREVIEWED }, (_, index) => idOf(index, devices));
  const right = shown.size === expected.length && expected.every((id) => shown.has(id));
  if (!right)
    throw new Error(
      `The preview of ${expected.join(", ")} shows ${[...shown].join(", ")}:\n${output.slice(-4000)}`,
    );
}

/**
 * What the account holds is what was declared: a fast run that did nothing is no result.
 * @param {Operation} operation
 * @param {import("./emulator.mjs").Device[]} found
 * @param {number} devices
 */
function checkAccount(operation, found, devices) {
  const stage = operation === "preview, five change" ? "retagged" : OPERATIONS[operation].stage;
  /** @type {Map<string, string[]>} */
  const expected = operation === "destroy" ? new Map() : tagsById(fleetAt(devices, stage));
  if (found.length !== expected.size) {
    throw new Error(
      `After "${operation}" the account holds ${found.length} devices instead of ${expected.size}.`,
    );
  }
  const other = found.find(({ id, tags }) => expected.get(id)?.join() !== tags.join());
  if (other !== undefined) {
    throw new Error(`After "${operation}" device ${other.id} has the tags ${other.tags.join(", ")}.`);
  }
}
