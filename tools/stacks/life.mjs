// The life of an account in many stacks, from nothing to nothing, each operation measured over all of them.

import { mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import PQueue from "p-queue";
import { Fleet } from "pulumi-nrfcloud";
import { temporaryFolder } from "../bench/atExit.mjs";
import { API_KEY, startEmulator } from "../bench/emulator.mjs";
import { REQUESTS_PER_SECOND } from "../bench/stack.mjs";
import { root } from "../setup.mjs";
import { watchAll } from "./memory.mjs";

const PROJECT = "nrfcloud-stacks";

/**
 * @typedef {import("@pulumi/pulumi/automation/index.js").Stack} Stack
 *
 * @typedef {object} Round  One operation on all stacks.
 * @property {string} operation
 * @property {number} seconds
 * @property {number[]} each  Seconds of each stack.
 * @property {number} calls  HTTP calls.
 * @property {import("./memory.mjs").Peaks} peaks
 * @property {number} stateBytes  Of all stacks together, after it.
 */

/** What is done to each stack, and how many devices the account has of it afterwards. */
const OPERATIONS = /** @type {const} */ ([
  { operation: "create", run: (/** @type {Stack} */ stack) => stack.up(), isThere: true },
  {
    operation: "preview, no changes",
    run: (/** @type {Stack} */ stack) => stack.preview({ expectNoChanges: true }),
    isThere: true,
  },
  {
    operation: "refresh",
    run: (/** @type {Stack} */ stack) => stack.refresh({ expectNoChanges: true }),
    isThere: true,
  },
  { operation: "destroy", run: (/** @type {Stack} */ stack) => stack.destroy(), isThere: false },
]);

/**
 * Gives each round as soon as it is measured. @throws Error when an operation fails or does not do what it should
 * @param {{ stacks: number, devices: number, atOnce: number, bin: string }} options
 * @returns {AsyncGenerator<Round, void, undefined>}
 */
export async function* liveThrough({ stacks: count, devices, atOnce, bin }) {
  const emulator = await startEmulator([]);
  const { folder, remove } = temporaryFolder("stacks");
  const backend = path.join(folder, "backend");
  mkdirSync(backend);
  const before = process.cwd();
  // An inline program has no project folder: the engine looks for the SDK in the working directory, and the journals are there.
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"), "junction");
  process.chdir(folder);
  process.env.PATH = `${bin}${path.delimiter}${process.env.PATH ?? ""}`;
  const envVars = {
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "bench",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    NRF_CLOUD_ENDPOINT: emulator.endpoint,
    NRF_CLOUD_API_KEY: API_KEY,
    NRF_CLOUD_REQUESTS_PER_SECOND: String(REQUESTS_PER_SECOND),
  };
  try {
    /** @type {Stack[]} */
    const stacks = [];
    for (let index = 0; index < count; index += 1) {
      const stackName = `part-${String(index).padStart(3, "0")}`;
      const program = () => Promise.resolve(declare(stackName, devices));
      stacks.push(
        await LocalWorkspace.createOrSelectStack({ projectName: PROJECT, stackName, program }, { envVars }),
      );
    }
    for (const { operation, run, isThere } of OPERATIONS) {
      await emulator.forgetTraffic();
      const watch = watchAll();
      const started = performance.now();
      const each = await new PQueue({ concurrency: atOnce }).addAll(
        stacks.map((stack) => async () => {
          const start = performance.now();
          await run(stack);
          return secondsSince(start);
        }),
      );
      const seconds = secondsSince(started);
      const peaks = watch.stop();
      const { total } = await emulator.traffic();
      const [found, expected] = [(await emulator.devices()).length, isThere ? count * devices : 0];
      if (found !== expected)
        throw new Error(`After "${operation}" the account holds ${found} devices instead of ${expected}.`);
      yield { operation, seconds, each, calls: total, peaks, stateBytes: stateBytes(backend) };
    }
  } finally {
    process.chdir(before);
    remove();
    emulator.stop();
  }
}

/**
 * @param {string} part
 * @param {number} devices
 */
function declare(part, devices) {
  const last = String(devices - 1);
  const fleet = new Fleet("fleet", {
    definition: {
      apiVersion: "nrfcloud.dev/v1",
      kind: "Fleet",
      ca: { subject: { commonName: `CA of ${part}` } },
      groups: { all: { ids: `${part}-{${"0".repeat(last.length)}..${last}}`, tags: [part] } },
    },
  });
  return { devices: fleet.size };
}

/** @param {string} backend */
function stateBytes(backend) {
  const folder = path.join(backend, ".pulumi", "stacks", PROJECT);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
}

/** @param {number} start */
function secondsSince(start) {
  return (performance.now() - start) / 1000;
}
