// A project with a stack on a file backend, as a user has it, driven by the real Pulumi CLI.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { root } from "../setup.mjs";
import { atExit, temporaryFolder } from "./atExit.mjs";
import { API_KEY } from "./emulator.mjs";
import { descendants, killTree, peakMemory } from "./processes.mjs";

const PROJECT = "nrfcloud-bench";
const STACK = "bench";
const TAIL = 4000;
const SAMPLE_MS = 100;

/**
 * @typedef {{ seconds: number, providerPeakBytes: number | undefined }} Ran
 *   How long a command took, from its start to its end, and the most memory that the provider had.
 * @typedef {{ plain: number, gzip: number }} StateBytes
 *   Size of the state file as the engine writes it, without and with PULUMI_DIY_BACKEND_GZIP.
 */

export class Stack {
  #project = temporaryFolder("project");
  #backend = temporaryFolder("backend");
  /** @type {NodeJS.ProcessEnv} */
  #env;

  /** @param {{ bin: string, endpoint: string, env: Record<string, string> }} options */
  constructor({ bin, endpoint, env }) {
    const own = Object.entries(process.env).filter(([name]) => !/^(PULUMI_(?!HOME$)|NRF_CLOUD_)/.test(name));
    this.#env = {
      ...Object.fromEntries(own),
      PATH: `${bin}${path.delimiter}${process.env.PATH ?? ""}`,
      PULUMI_CONFIG_PASSPHRASE: "bench",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      NRF_CLOUD_ENDPOINT: endpoint,
      // What is measured is the provider, not the patience it has with nRF Cloud.
      NRF_CLOUD_REQUESTS_PER_SECOND: "86400",
      NRF_CLOUD_API_KEY: API_KEY,
      ...env,
    };
    this.#write(
      "Pulumi.yaml",
      `name: ${PROJECT}\nruntime:\n  name: nodejs\n  options: { typescript: false }\n`,
    );
    this.#write("package.json", JSON.stringify({ name: PROJECT, private: true }));
    this.#write("index.js", 'require("pulumi-nrfcloud/program");\n');
    symlinkSync(path.join(root, "node_modules"), path.join(this.#project.folder, "node_modules"), "junction");
  }

  /**
   * Declares this many devices with a CA that is generated for them.
   * @param {number} devices
   * @param {string[]} tags
   */
  declare(devices, tags) {
    const last = String(devices - 1);
    this.#write(
      "fleet.yaml",
      `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca:
  subject: { commonName: Benchmark CA }
groups:
  bench:
    ids: bench-{${"0".repeat(last.length)}..${last}}
    subType: asset-tracker
    tags: [${tags.join(", ")}]
    firmwareTypes: [APP, MODEM]
`,
    );
  }

  async init() {
    await this.#pulumi(this.#backend.folder, ["stack", "init", STACK, "--no-select"]);
  }

  /**
   * Runs a command of the CLI on the stack. @throws Error with the end of its output when it fails
   * @param {string[]} args
   * @returns {Promise<Ran>}
   */
  run(args) {
    return this.#pulumi(this.#backend.folder, [...args, "--stack", STACK]);
  }

  /** @returns {Promise<StateBytes>} */
  async stateBytes() {
    const copy = temporaryFolder("gzip");
    try {
      cpSync(this.#backend.folder, copy.folder, { recursive: true });
      const file = path.join(copy.folder, "exported.json");
      await this.run(["stack", "export", "--file", file]);
      await this.#pulumi(copy.folder, ["stack", "import", "--file", file, "--stack", STACK], {
        PULUMI_DIY_BACKEND_GZIP: "true",
      });
      const state = path.join(".pulumi", "stacks", PROJECT, `${STACK}.json`);
      return {
        plain: statSync(path.join(this.#backend.folder, state)).size,
        gzip: statSync(path.join(copy.folder, `${state}.gz`)).size,
      };
    } finally {
      copy.remove();
    }
  }

  remove() {
    this.#project.remove();
    this.#backend.remove();
  }

  /**
   * @param {string} backend
   * @param {string[]} args
   * @param {Record<string, string>} env
   * @returns {Promise<Ran>}
   */
  async #pulumi(backend, args, env = {}) {
    const started = performance.now();
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: this.#project.folder,
      env: { ...this.#env, PULUMI_BACKEND_URL: `file://${backend}`, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      // Not in the terminal's group: Ctrl-C is answered here, by killing all that the engine started.
      detached: process.platform !== "win32",
    });
    const { pid } = child;
    const kill = atExit(() => {
      if (pid !== undefined) killTree(pid);
    });
    let tail = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
        tail = (tail + text).slice(-TAIL);
      });
    }
    const memory = pid === undefined ? undefined : watchProvider(pid);
    try {
      await once(child, "close");
      const seconds = (performance.now() - started) / 1000;
      if (child.exitCode !== 0) throw new Error(`\`pulumi ${args.join(" ")}\` failed:\n${tail.trim()}`);
      return { seconds, providerPeakBytes: memory?.peak() };
    } finally {
      memory?.stop();
      kill();
    }
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #write(name, text) {
    writeFileSync(path.join(this.#project.folder, name), text);
  }
}

/**
 * Samples the memory of the provider that an engine starts. (The system keeps the peak, so only what is allocated
 * in the last moment can be missed.)
 * @param {number} enginePid
 */
function watchProvider(enginePid) {
  /** @type {number | undefined} */
  let provider;
  /** @type {number | undefined} */
  let peak;
  const timer = setInterval(() => {
    provider ??= descendants(enginePid).find(({ command }) =>
      command.includes("cmd/dynamic-provider/index.js"),
    )?.pid;
    if (provider !== undefined) peak = peakMemory(provider) ?? peak;
  }, SAMPLE_MS);
  return {
    peak: () => peak,
    stop: () => {
      clearInterval(timer);
    },
  };
}
