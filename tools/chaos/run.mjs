// One run: a fleet, faults, a few operations, and then the verdicts.

import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { judge } from "./judge.mjs";
import { operate } from "./operate.mjs";
import { OutlivedError } from "./stopping.mjs";
import { World } from "./world.mjs";

/**
 * @typedef {object} Result
 * @property {number} seed
 * @property {import("./plan.mjs").Plan} plan
 * @property {import("./operate.mjs").Operated} operated
 * @property {import("./judge.mjs").Judgement} judgement
 * @property {number} givenUp  Commands that took so long that they were ended.
 * @property {number} cancels  Locks that `pulumi cancel` had to remove.
 * @property {number} repairs  States that could not be read after a kill, until what was written in part was removed.
 * @property {number} replacedKeys  Keys in whose place others were asked for.
 * @property {number} seconds
 * @property {string | undefined} folder  Where everything of the run is, if it was kept.
 *
 * @typedef {object} HowToRun
 * @property {string} bin  Folder of the Pulumi CLI.
 * @property {boolean} [keep]  Whether to keep the folder of a good run, too.
 * @property {(world: World) => Promise<void>} [sabotage]
 *   What somebody does before the verdicts, so that they must find it: for tests of the verdicts.
 */

/**
 * Makes one run.
 * @param {number} seed
 * @param {HowToRun} how
 * @returns {Promise<Result>}
 */
export async function run(seed, { bin, keep = false, sabotage }) {
  const started = Date.now();
  const world = await World.make(seed, bin);
  const { plan, folder, cloud, stack, ledger } = world;
  /** @type {import("./operate.mjs").Operated} */
  let operated = { operations: [], stops: {}, troubles: {}, fired: [] };
  /** @type {import("./judge.mjs").Judgement} */
  let judgement;
  try {
    operated = await operate(world);
    await sabotage?.(world);
    judgement = await judge(world);
  } catch (error) {
    judgement = { verdicts: [verdictOf(error)], secondTimes: [], doubts: [] };
  } finally {
    await world.close();
  }
  const kept = keep || judgement.verdicts.length > 0;
  if (kept) {
    writeFileSync(path.join(folder, "plan.json"), JSON.stringify(plan, undefined, 2));
    writeFileSync(path.join(folder, "emulator.log"), cloud.log.join("\n"));
  } else {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
  return {
    seed,
    plan,
    operated,
    judgement,
    givenUp: stack.ran.filter(({ lostPatience }) => lostPatience).length,
    cancels: stack.cancels,
    repairs: stack.repairs,
    replacedKeys: ledger.replaced,
    seconds: (Date.now() - started) / 1000,
    folder: kept ? folder : undefined,
  };
}

/**
 * @param {unknown} error
 * @returns {import("./judge.mjs").Verdict}
 */
function verdictOf(error) {
  if (error instanceof OutlivedError) return { check: "a killed run has ended", problem: error.message };
  const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { check: "the campaign itself works", problem };
}
