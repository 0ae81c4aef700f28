// What was planned, done with faults.

import { setTimeout as sleep } from "node:timers/promises";
import { described } from "./operations.mjs";
import { stop } from "./stopping.mjs";

/** How long somebody looks at a command that faults hold up. */
const PATIENCE_SECONDS = 60;

/**
 * @typedef {object} Operated
 * @property {string[]} operations  In words, and how each ended.
 * @property {Record<string, number>} stops  Those that met a running command.
 * @property {import("./cloud.mjs").Fired[]} fired  The faults that happened.
 */

/**
 * @param {import("./world.mjs").World} world
 * @returns {Promise<Operated>}
 */
export async function operate(world) {
  const { plan, cloud, stack, ledger } = world;
  /** @type {string[]} */
  const operations = [];
  /** @type {Record<string, number>} */
  const stops = {};
  await cloud.setFaults(plan.faults);
  for (const operation of plan.operations) {
    const { command, atOnce, stop: planned, declared } = operation;
    await world.declare(declared);
    const ran = await stack.run(
      [command, "--yes", "--skip-preview", ...(atOnce ? ["--parallel", "100"] : [])],
      {
        limitSeconds: PATIENCE_SECONDS,
        ...(atOnce ? { env: { PULUMI_SKIP_CHECKPOINTS: "true" } } : {}),
        ...(planned === undefined
          ? {}
          : {
              meanwhile: async (running) => {
                if (await stopAt(cloud, running, planned)) stops[planned.how] = (stops[planned.how] ?? 0) + 1;
              },
            }),
      },
    );
    const end = ran.lostPatience ? "given up" : ran.code === undefined ? "killed" : `ended with ${ran.code}`;
    operations.push(`${described(operation)}: ${end}`);
    if (command === "destroy") ledger.destroyed();
    await world.observeKeys(declared);
  }
  return { operations, stops, fired: await cloud.endFaults() };
}

/**
 * Stops a command at its moment. Gives whether it still ran then.
 * @param {import("./cloud.mjs").Cloud} cloud
 * @param {import("./stopping.mjs").Running} running
 * @param {{ how: import("./operations.mjs").Stop, when: import("./operations.mjs").Moment }} planned
 */
async function stopAt(cloud, running, { how, when }) {
  const from = cloud.answered;
  while (cloud.answered - from < when.requests && !running.ended()) await sleep(10);
  await sleep(when.thenMs);
  if (running.ended()) return false;
  await stop(running, how);
  return true;
}
