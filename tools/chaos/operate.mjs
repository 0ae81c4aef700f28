// Executes the planned operations with faults.

import { setTimeout as sleep } from "node:timers/promises";
import { happen } from "./happen.mjs";
import { described } from "./operations.mjs";
import { stop } from "./stopping.mjs";
import { describedTrouble } from "./troubles.mjs";

/** The time limit of a command with faults. */
const PATIENCE_SECONDS = 60;

/**
 * @typedef {object} Operated
 * @property {string[]} operations  In words, and how each ended.
 * @property {Record<string, number>} stops  Those that met a running command.
 * @property {Record<string, number>} troubles  Those for which there was anything that they could happen to.
 * @property {import("./cloud.mjs").Fired[]} fired  The faults that happened.
 */

/**
 * @param {import("./world.mjs").World} world
 * @returns {Promise<Operated>}
 */
export async function operate(world) {
  const { plan, cloud, stack, ledger } = world;
  /** @type {Operated} */
  const operated = { operations: [], stops: {}, troubles: {}, fired: [] };
  const trouble = async (/** @type {import("./troubles.mjs").PlannedTrouble} */ planned) => {
    const { kind } = planned.trouble;
    const happened = await happen(world, planned.trouble);
    operated.operations.push(`${describedTrouble(planned)}${happened ? "" : ": nothing to do"}`);
    if (happened) operated.troubles[kind] = (operated.troubles[kind] ?? 0) + 1;
  };
  await cloud.setFaults(plan.faults);
  for (const [i, operation] of plan.operations.entries()) {
    const { command, stop: planned, declared } = operation;
    const troubles = plan.troubles.filter(({ before }) => before === i);
    for (const each of troubles.filter(({ requests }) => requests === undefined)) await trouble(each);
    await world.observe();
    await world.declare(declared);
    if (command === "destroy") stack.states = [];
    const later = new Set(troubles.filter(({ requests }) => requests !== undefined));
    const ran = await stack.run([command, "--yes", "--skip-preview"], {
      limitSeconds: PATIENCE_SECONDS,
      meanwhile: async (running) => {
        const from = cloud.answered;
        const some = [...later];
        later.clear();
        const happening = some.map(async (each) => {
          await answered(cloud, running, from, each.requests ?? 0);
          await trouble(each);
        });
        if (planned !== undefined && (await stopAt(cloud, running, planned)))
          operated.stops[planned.how] = (operated.stops[planned.how] ?? 0) + 1;
        await Promise.all(happening);
      },
    });
    const end = ran.lostPatience ? "given up" : ran.code === undefined ? "killed" : `ended with ${ran.code}`;
    operated.operations.push(`${described(operation)}: ${end}`);
    if (command === "destroy") ledger.destroyed();
    await world.observe();
    await world.flash();
  }
  operated.fired = await cloud.endFaults();
  for (const each of plan.troubles) if (each.before >= plan.operations.length) await trouble(each);
  await world.observe();
  return operated;
}

/**
 * Stops a command at its moment. Gives whether it still ran then.
 * @param {import("./cloud.mjs").Cloud} cloud
 * @param {import("./stopping.mjs").Running} running
 * @param {{ how: import("./operations.mjs").Stop, when: import("./operations.mjs").Moment }} planned
 */
async function stopAt(cloud, running, { how, when }) {
  await answered(cloud, running, cloud.answered, when.requests);
  await sleep(when.thenMs);
  if (running.ended()) return false;
  await stop(running, how);
  return true;
}

/**
 * Waits until nRF Cloud has answered so many more requests than it had, or the command has ended.
 * @param {import("./cloud.mjs").Cloud} cloud
 * @param {import("./stopping.mjs").Running} running
 * @param {number} from
 * @param {number} requests
 */
async function answered(cloud, running, from, requests) {
  while (cloud.answered - from < requests && !running.ended()) await sleep(10);
}
