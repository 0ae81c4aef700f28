// The same devices by Nordic's own tool: a CA, a key and a certificate for each device, and one bulk job.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { nordicLauncher, nordicPython } from "../nordicTool.mjs";
import { temporaryFolder } from "./atExit.mjs";
import { API_KEY, startEmulator } from "./emulator.mjs";
import { idOf, SUB_TYPE } from "./fleet.mjs";

/** The most that one file of the tool can have. */
export const NORDIC_DEVICES = 1000;

/** So many devices get their certificates as people make them, by a process each; the others by one process for all. */
export const ALONE = 20;
export const ALONE_STEP = `create_device_credentials, ${ALONE} times`;

/** @typedef {{ step: string, seconds: number }} NordicStep */

/**
 * Gives the time of each step. @throws Error when a command fails or the account does not hold the devices afterwards
 * @param {string[]} emulatorOptions
 * @returns {AsyncGenerator<NordicStep, void, undefined>}
 */
export async function* onboardByNordicTool(emulatorOptions) {
  const emulator = await startEmulator(emulatorOptions);
  const { folder, remove } = temporaryFolder("nordic");
  const { origin } = new URL(emulator.endpoint);
  const ids = Array.from({ length: NORDIC_DEVICES }, (_, index) => idOf(index, NORDIC_DEVICES));
  /** @type {(command: string, args?: string[], input?: string) => Promise<NordicStep>} */
  const run = async (command, args = [], input = "") => {
    const started = performance.now();
    await runTool(folder, [origin, command, ...args], input);
    return { step: command, seconds: (performance.now() - started) / 1000 };
  };
  try {
    yield await run("create_ca_cert");
    const file = (/** @type {string} */ ending) =>
      readdirSync(folder).find((name) => name.endsWith(ending)) ?? "";
    const ca = ["--ca", file("_ca.pem"), "--ca-key", file("_prv.pem")];
    const create = (/** @type {string[]} */ some) =>
      run("create_device_credentials", [...ca, "--cn", "{id}"], some.join("\n"));
    let alone = 0;
    for (const id of ids.slice(0, ALONE)) alone += (await create([id])).seconds;
    yield { step: ALONE_STEP, seconds: alone };
    yield await create(ids.slice(ALONE));
    const csv = path.join(folder, "onboard.csv");
    // The tool makes them without these, and has people write them.
    const bare = readFileSync(csv, "utf8");
    writeFileSync(csv, bare.replaceAll(/^(bench-\d+),,,,/gm, `$1,${SUB_TYPE},bench,APP|MODEM,`));
    yield await run("nrf_cloud_onboard", ["--api-key", API_KEY, "--csv", csv]);
    const found = await emulator.devices();
    if (found.length !== ids.length) {
      throw new Error(
        `After nrf_cloud_onboard the account holds ${found.length} devices instead of ${ids.length}.`,
      );
    }
  } finally {
    remove();
    emulator.stop();
  }
}

/**
 * @param {string} cwd
 * @param {string[]} args
 * @param {string} input
 */
async function runTool(cwd, args, input) {
  const child = spawn(nordicPython, [nordicLauncher, ...args], { cwd, stdio: ["pipe", "pipe", "pipe"] });
  let tail = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      tail = (tail + text).slice(-4000);
    });
  }
  child.stdin.end(input);
  await once(child, "close");
  if (child.exitCode !== 0) throw new Error(`nrfcloud-utils ${args[1] ?? ""} failed:\n${tail.trim()}`);
}
