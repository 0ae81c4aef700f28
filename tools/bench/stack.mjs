// A project with a stack on a file backend, as a user has it, driven by the real Pulumi CLI with its default settings.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { root } from "../setup.mjs";
import { atExit, temporaryFolder } from "./atExit.mjs";
import { API_KEY } from "./emulator.mjs";
import { watchProcesses } from "./memory.mjs";
import { killTree } from "./processes.mjs";

const PROJECT = "nrfcloud-bench";
const STACK = "bench";
const TAIL = 4000;
/** More than any machine sends: what is measured is the provider, not the patience it has with nRF Cloud. */
export const REQUESTS_PER_SECOND = 86_400;

/**
 * @typedef {{ seconds: number, output: string, processes: import("./memory.mjs").Processes }} Ran
 *   How long a command took, from its start to its end, and what the processes needed that it is made of.
 * @typedef {{ type: string, outputs?: Record<string, unknown> }} StateResource
 */

export class Stack {
  #project = temporaryFolder("project");
  #backend = temporaryFolder("backend");
  /** @type {NodeJS.ProcessEnv} */
  #env;

  /** @param {{ bin: string, endpoint: string, profile: string | undefined }} options */
  constructor({ bin, endpoint, profile }) {
    const own = Object.entries(process.env).filter(([name]) => !/^(PULUMI_(?!HOME$)|NRF_CLOUD_)/.test(name));
    this.#env = {
      ...Object.fromEntries(own),
      PATH: `${bin}${path.delimiter}${process.env.PATH ?? ""}`,
      PULUMI_BACKEND_URL: `file://${this.#backend.folder}`,
      PULUMI_CONFIG_PASSPHRASE: "bench",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      NRF_CLOUD_ENDPOINT: endpoint,
      NRF_CLOUD_REQUESTS_PER_SECOND: String(REQUESTS_PER_SECOND),
      NRF_CLOUD_API_KEY: API_KEY,
    };
    this.profile = profile;
    const program = "main: index.cjs\nruntime:\n  name: nodejs\n  options: { typescript: false }\n";
    this.write("Pulumi.yaml", `name: ${PROJECT}\n${program}`);
    this.write("package.json", JSON.stringify({ name: PROJECT, private: true }));
    symlinkSync(path.join(root, "node_modules"), path.join(this.folder, "node_modules"), "junction");
  }

  /** Where the program is. */
  get folder() {
    return this.#project.folder;
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  write(name, text) {
    writeFileSync(path.join(this.folder, name), text);
  }

  async init() {
    await this.#pulumi(["stack", "init", STACK, "--no-select"]);
  }

  /**
   * Runs a command of the CLI on the stack. @throws Error with the end of its output when it fails
   * @param {readonly string[]} args
   * @param {string} [title]  Of its CPU profiles.
   * @returns {Promise<Ran>}
   */
  run(args, title) {
    return this.#pulumi([...args, "--stack", STACK], title);
  }

  /** Size of the state file as the engine writes it. */
  stateBytes() {
    return statSync(path.join(this.#backend.folder, ".pulumi", "stacks", PROJECT, `${STACK}.json`)).size;
  }

  /**
   * The resources of the state, secrets in clear.
   * @returns {Promise<StateResource[]>}
   */
  async resources() {
    const exported = temporaryFolder("export");
    try {
      const file = path.join(exported.folder, "state.json");
      await this.run(["stack", "export", "--show-secrets", "--file", file]);
      /** @type {{ deployment: { resources?: StateResource[] } }} */
      // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- the engine's own format
      const { deployment } = JSON.parse(readFileSync(file, "utf8"));
      return deployment.resources ?? [];
    } finally {
      exported.remove();
    }
  }

  remove() {
    this.#project.remove();
    this.#backend.remove();
  }

  /**
   * @param {readonly string[]} args
   * @param {string} [title]
   * @returns {Promise<Ran>}
   */
  async #pulumi(args, title) {
    const started = performance.now();
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: this.folder,
      env: { ...this.#env, ...this.#profiling(title) },
      stdio: ["ignore", "pipe", "pipe"],
      // Not in the terminal's group: Ctrl-C is answered here, by killing all that the engine started.
      detached: process.platform !== "win32",
    });
    const { pid } = child;
    const kill = atExit(() => {
      if (pid !== undefined) killTree(pid);
    });
    /** @type {string[]} */
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => printed.push(text));
    }
    const watch = watchProcesses(pid);
    try {
      await once(child, "close");
      const seconds = (performance.now() - started) / 1000;
      const output = printed.join("");
      if (child.exitCode !== 0) {
        throw new Error(`\`pulumi ${args.join(" ")}\` failed:\n${output.slice(-TAIL).trim()}`);
      }
      return { seconds, output, processes: watch.needed() };
    } finally {
      watch.stop();
      kill();
    }
  }

  /**
   * @param {string | undefined} title
   * @returns {NodeJS.ProcessEnv}
   */
  #profiling(title) {
    if (this.profile === undefined || title === undefined) return {};
    return {
      NODE_OPTIONS: `--require ${JSON.stringify(path.join(root, "tools", "bench", "profile.cjs"))}`,
      NRF_CLOUD_BENCH_PROFILE: path.join(this.profile, title),
    };
  }
}
