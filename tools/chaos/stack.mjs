// A project with a stack on a file backend, driven by the real Pulumi CLI as somebody at a terminal does it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { atExit } from "../bench/atExit.mjs";
import { killTree } from "../bench/processes.mjs";
import { LEAN } from "../engine/engine.mjs";
import { linkPackages } from "../engine/project.mjs";
import { deploymentIn, exportedResources, readIfThere, resourcesIn } from "./state.mjs";
import { giveUpOn } from "./stopping.mjs";

const STACK = "dev";
/** What can't be mended by so many tries stays broken. */
const REPAIRS = 20;

/**
 * @typedef {object} Ran  How a command ended, and all it printed.
 * @property {string} command
 * @property {number | undefined} code  `undefined` if a signal ended it.
 * @property {string} output
 * @property {string} stdout  The part of it that is not said to people on the side.
 * @property {number} seconds
 * @property {boolean} lostPatience  Whether it took so long that it was ended.
 *
 * @typedef {object} HowToRun
 * @property {Readonly<Record<string, string>>} [env]
 * @property {number} limitSeconds  After this long somebody presses Ctrl-C, and again, and kills what is left.
 * @property {(running: import("./stopping.mjs").Running) => Promise<void>} [meanwhile]
 * @property {boolean} [secret]  Its output is to show secrets, so it is not kept.
 */

export class Stack {
  /** Every command that was run, but those whose output is to show secrets. @type {Ran[]} */
  ran = [];
  /** How often the CLI said that the stack is locked, and was told to cancel. */
  cancels = 0;
  /** How often the CLI could not read the state after a kill. */
  repairs = 0;
  /** What the backend's file held after the commands that changed it. @type {string[]} */
  states = [];
  #env;
  #answered;

  /**
   * @param {object} options
   * @param {string} options.folder  Where the project, its backend and the outputs of commands are to be.
   * @param {string} options.bin  Folder of the Pulumi CLI.
   * @param {string} options.passphrase
   * @param {Record<string, string>} options.env
   * @param {() => number} options.answered  How many requests nRF Cloud has answered.
   */
  constructor({ folder, bin, passphrase, env, answered }) {
    mkdirSync(folder, { recursive: true });
    this.#answered = answered;
    this.folder = folder;
    this.project = path.join(folder, "project");
    this.backend = path.join(folder, "backend");
    for (const each of [this.project, this.backend, path.join(folder, "outputs")]) mkdirSync(each);
    linkPackages(this.project);
    const own = Object.entries(process.env).filter(([name]) => !/^(PULUMI_(?!HOME$)|NRF_CLOUD_)/.test(name));
    /** @type {NodeJS.ProcessEnv} */
    this.#env = {
      ...Object.fromEntries(own),
      PATH: `${bin}${path.delimiter}${process.env.PATH ?? ""}`,
      PULUMI_BACKEND_URL: `file://${this.backend}`,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...LEAN,
      ...env,
    };
  }

  /** @param {Readonly<Record<string, string>>} files  By name. */
  write(files) {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(this.project, name), text);
  }

  async init() {
    const { code, output } = await this.#once(["stack", "init", STACK, "--no-select"], { limitSeconds: 60 });
    if (code !== 0) throw new Error(`pulumi stack init failed:\n${output}`);
  }

  /**
   * Runs a command on the stack. When the CLI says that the stack is locked or can't be read, does what there is to do, and runs
   * it again.
   * @param {string[]} args
   * @param {HowToRun} how
   * @returns {Promise<Ran>}
   */
  async run(args, how) {
    const command = [...args, "--stack", STACK];
    for (;;) {
      const ran = await this.#once(command, how);
      this.#noteState();
      if (ran.code === 0) return ran;
      if (ran.output.includes("`pulumi cancel`") && this.cancels < REPAIRS) {
        this.cancels++;
        await this.#once(["cancel", "--yes", "--stack", STACK], { limitSeconds: 60 });
      } else if (ran.output.includes("failed to load checkpoint") && this.repairs < REPAIRS) {
        this.repairs++;
        this.#removeCutOff();
      } else return ran;
    }
  }

  #noteState() {
    const text = readIfThere(this.#stateFile);
    if (text !== undefined && text !== "" && text !== this.states.at(-1)) this.states.push(text);
  }

  /**
   * Removes what an engine that was killed while it saved the state left in part: the attributes that a file backend keeps
   * beside each file, which are not needed. (The state itself is written to a file of its own and then renamed.)
   */
  #removeCutOff() {
    const attributes = filesBelow(path.join(this.backend, ".pulumi", "stacks")).filter((file) =>
      file.endsWith(".attrs"),
    );
    for (const file of attributes) if (statSync(file).size === 0) rmSync(file);
  }

  /** The resources in the saved state, secrets encrypted. */
  savedState() {
    return resourcesIn(deploymentIn(readIfThere(this.#stateFile)) ?? {});
  }

  /**
   * Imports the state of so many commands ago. Gives whether there was one.
   * @param {number} back
   */
  async rollBack(back) {
    const deployment = deploymentIn(this.states.at(-1 - back));
    if (deployment === undefined) return false;
    this.write({ "../earlier.json": JSON.stringify({ version: 3, deployment }) });
    const { code, output } = await this.run(["stack", "import", "--file", "../earlier.json"], {
      limitSeconds: 60,
    });
    if (code !== 0) throw new Error(`pulumi stack import failed:\n${output}`);
    return true;
  }

  get #stateFile() {
    return path.join(this.backend, ".pulumi", "stacks", "chaos", `${STACK}.json`);
  }

  /** The resources in the state, secrets in clear. */
  async exported() {
    const ran = await this.run(["stack", "export", "--show-secrets"], { limitSeconds: 60, secret: true });
    if (ran.code !== 0) throw new Error(`pulumi stack export failed with ${String(ran.code)}`);
    return exportedResources(ran.stdout);
  }

  /** What any run left on disk, file by file, but for the program and what its owner wrote. */
  leftOnDisk() {
    return [this.backend, path.join(this.project, ".nrfcloud")].flatMap(filesBelow).map((file) => ({
      file: path.relative(this.folder, file),
      text: readFileSync(file, "utf8"),
    }));
  }

  /**
   * @param {string[]} args
   * @param {HowToRun} how
   * @returns {Promise<Ran>}
   */
  async #once(args, { env = {}, limitSeconds, meanwhile, secret = false }) {
    const started = Date.now();
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: this.project,
      env: { ...this.#env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const { pid } = child;
    if (pid === undefined) throw new Error("pulumi did not start");
    const running = {
      pid,
      ended: () => child.exitCode !== null || child.signalCode !== null,
      answered: this.#answered,
    };
    const kill = atExit(() => {
      killTree(pid);
    });
    let output = "";
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      output += text;
    });
    /** @type {Promise<void> | undefined} */
    let givingUp;
    const limit = setTimeout(() => {
      givingUp = giveUpOn(running);
    }, limitSeconds * 1000);
    const exit = once(child, "exit");
    try {
      await Promise.all([exit, meanwhile?.(running)]);
      await givingUp;
    } finally {
      clearTimeout(limit);
      kill();
    }
    // What outlived the CLI holds its output open, so there is no waiting for that to end.
    await Promise.race([once(child, "close"), sleep(200)]);
    const ran = {
      command: `pulumi ${args.join(" ")}`,
      code: child.exitCode ?? undefined,
      output,
      stdout,
      seconds: (Date.now() - started) / 1000,
      lostPatience: givingUp !== undefined,
    };
    if (!secret) {
      this.ran.push(ran);
      const file = `${String(this.ran.length).padStart(2, "0")}-${args[0] ?? ""}.txt`;
      writeFileSync(
        path.join(this.folder, "outputs", file),
        `$ ${ran.command}\n${output}\nended with ${String(ran.code)}\n`,
      );
    }
    return ran;
  }
}

/** @param {string} folder */
function filesBelow(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}
