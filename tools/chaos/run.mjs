// One run: a fleet, faults, a few operations, and then the verdicts.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Bench } from "./bench.mjs";
import { accountProblems, keyProblems, leftovers, plannedSteps } from "./check.mjs";
import { Cloud } from "./cloud.mjs";
import { fleetFiles, PROJECT_FILES } from "./files.mjs";
import { textOf } from "./json.mjs";
import { Ledger } from "./ledger.mjs";
import { described } from "./operations.mjs";
import { OwnKeys } from "./ownKeys.mjs";
import { everyFleet, planOf } from "./plan.mjs";
import { leaks } from "./secrets.mjs";
import { OutlivedError, Stack, stop } from "./stack.mjs";

/** How long somebody looks at a command that faults hold up. */
const PATIENCE_SECONDS = 60;
/** How long a command may take where nothing is wrong. */
const LIMIT_SECONDS = 120;

/**
 * @typedef {{ check: string, problem: string, output?: string }} Verdict  What does not hold, and the output that shows it.
 *
 * @typedef {object} Result
 * @property {number} seed
 * @property {import("./plan.mjs").Plan} plan
 * @property {string[]} operations  In words, and how each ended.
 * @property {Verdict[]} verdicts  None if all is well.
 * @property {import("./cloud.mjs").Fired[]} fired
 * @property {{ [how: string]: number }} stops  Those that met a running command.
 * @property {number} lostPatience
 * @property {number} cancels
 * @property {number} replacedKeys
 * @property {string[]} secondUps  Why a second `up` (or `destroy`) was needed.
 * @property {number} seconds
 * @property {string} folder  Where everything of the run is, if it is kept.
 */

/**
 * Makes one run.
 * @param {number} seed
 * @param {{ bin: string, keep: boolean }} options  `bin`: folder of the Pulumi CLI. `keep`: keep the folder in any case.
 * @returns {Promise<Result>}
 */
export async function run(seed, { bin, keep }) {
  const plan = planOf(seed);
  const folder = mkdtempSync(path.join(tmpdir(), `nrfcloud-chaos-${seed}-`));
  const started = Date.now();
  const cloud = await Cloud.start(plan);
  const stack = new Stack({ folder, bin, passphrase: plan.passphrase, env: cloud.env });
  const bench = new Bench(stack, cloud);
  const life = new Run(plan, { cloud, stack, bench });
  try {
    await life.prepare();
    await life.operate();
    await life.judge();
  } catch (error) {
    if (error instanceof OutlivedError) life.fail("a killed run has ended", [error.message]);
    else
      life.fail("the campaign itself works", [
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      ]);
  } finally {
    await bench.close();
    await cloud.stop();
  }
  const { operations, verdicts, fired, stops, secondUps, ledger } = life;
  if (keep || verdicts.length > 0) {
    writeFileSync(path.join(folder, "plan.json"), JSON.stringify(plan, undefined, 2));
    writeFileSync(path.join(folder, "emulator.log"), cloud.log.join("\n"));
  } else {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
  return {
    seed,
    plan,
    operations,
    verdicts,
    fired,
    stops,
    lostPatience: stack.ran.filter(({ lostPatience }) => lostPatience).length,
    cancels: stack.cancels,
    replacedKeys: ledger.replaced,
    secondUps,
    seconds: (Date.now() - started) / 1000,
    folder,
  };
}

class Run {
  /** @type {string[]} */
  operations = [];
  /** @type {Verdict[]} */
  verdicts = [];
  /** @type {import("./cloud.mjs").Fired[]} */
  fired = [];
  /** @type {{ [how: string]: number }} */
  stops = {};
  /** @type {string[]} */
  secondUps = [];
  ledger = new Ledger();
  #keys = new OwnKeys();
  /** @type {Map<string, string>} */
  #tokens = new Map();
  /** @type {string[]} */
  #exportedKeys = [];

  /**
   * @param {import("./plan.mjs").Plan} plan
   * @param {{ cloud: Cloud, stack: Stack, bench: Bench }} world
   */
  constructor(plan, { cloud, stack, bench }) {
    this.plan = plan;
    this.cloud = cloud;
    this.stack = stack;
    this.bench = bench;
  }

  /** Puts into the account what is there before, and makes the project. */
  async prepare() {
    const { residents, bystanders } = this.plan;
    for (const resident of [...residents, ...bystanders]) {
      await this.cloud.settle(resident, (await this.#keys.of("certificate", resident.id, 0)).pem);
    }
    const uuids = everyFleet(this.plan).flatMap(({ claims }) => claims.flatMap((group) => group.uuids));
    this.#tokens = await this.cloud.tokens(new Set(uuids));
    this.stack.write(PROJECT_FILES);
    await this.stack.init();
    await this.ledger.observe(this.cloud, this.stack, undefined);
  }

  /** Does what was planned, with faults. */
  async operate() {
    await this.cloud.setFaults(this.plan.faults);
    for (const operation of this.plan.operations) {
      await this.#declare(operation.declared);
      const { command, atOnce, stop: stopping } = operation;
      const ran = await this.stack.run(
        [command, "--yes", "--skip-preview", ...(atOnce ? ["--parallel", "100"] : [])],
        {
          limitSeconds: PATIENCE_SECONDS,
          ...(atOnce ? { env: { PULUMI_SKIP_CHECKPOINTS: "true" } } : {}),
          ...(stopping === undefined ? {} : { meanwhile: (running) => this.#stop(running, stopping) }),
        },
      );
      const end = ran.lostPatience
        ? "given up"
        : ran.code === undefined
          ? "killed"
          : `ended with ${ran.code}`;
      this.operations.push(`${described(operation)}: ${end}`);
      if (command === "destroy") this.ledger.destroyed();
      await this.ledger.observe(this.cloud, this.stack, operation.declared);
    }
  }

  /** Ends the faults, and looks at what must hold then. */
  async judge() {
    this.fired = await this.cloud.endFaults();
    await this.cloud.giveBack();
    await this.#declare(this.plan.declared);
    if (await this.#converges()) {
      this.fail("the account holds exactly what is declared", await accountProblems(this.plan, this.cloud));
      const { resources } = await this.stack.exported();
      this.#exportedKeys = resources.flatMap(({ outputs }) => textOf(outputs.privateKey) ?? []);
      this.fail("every key fits", await keyProblems(this.plan, this.cloud, resources, this.#keys));
    }
    this.fail("no key was lost without a word", this.ledger.problems);
    await this.#empties();
    this.fail("no secret is in clear", await this.#leaks());
  }

  /**
   * Notes what does not hold.
   * @param {string} check
   * @param {readonly string[]} problems
   * @param {string} [output]
   */
  fail(check, problems, output) {
    this.verdicts.push(
      ...problems.map((problem) => ({ check, problem, ...(output === undefined ? {} : { output }) })),
    );
  }

  /** At most two times `up`, and the next preview is empty. */
  async #converges() {
    /** @type {import("./stack.mjs").Ran | undefined} */
    let last;
    let problem = "";
    for (let times = 0; times < 2; times++) {
      const up = await this.#calmly("up", "--yes", "--skip-preview");
      await this.ledger.observe(this.cloud, this.stack, this.plan.declared);
      last = up;
      problem = `up ended with ${String(up.code)}`;
      if (up.code === 0) {
        last = await this.#calmly("preview", "--json", "--expect-no-changes");
        const steps = plannedSteps(last);
        if (steps.length === 0) return true;
        problem = `after up, the preview plans ${steps.join(", ")}`;
      }
      if (times === 0) {
        this.secondUps.push(`${problem}: ${reasonIn(last.output)}`);
        if (up.output.includes("`pulumi refresh`")) await this.#calmly("refresh", "--yes", "--skip-preview");
      }
    }
    this.fail("up converges, and the next preview is empty", [problem], last?.output);
    return false;
  }

  /** At most two times `destroy`. */
  async #empties() {
    let destroyed = await this.#calmly("destroy", "--yes", "--skip-preview");
    if (destroyed.code !== 0) {
      this.secondUps.push(`destroy ended with ${String(destroyed.code)}: ${reasonIn(destroyed.output)}`);
      destroyed = await this.#calmly("destroy", "--yes", "--skip-preview");
    }
    const check = "destroy empties the account";
    if (destroyed.code === 0) this.fail(check, await leftovers(this.plan, this.cloud));
    else this.fail(check, [`it ended with ${String(destroyed.code)}`], destroyed.output);
  }

  async #leaks() {
    const { apiKey, passphrase } = this.plan;
    const written = [
      ...this.stack.ran.map(({ command, output }) => ({
        name: `the output of \`${command}\``,
        text: output,
      })),
      ...this.stack.leftOnDisk().map(({ file, text }) => ({ name: file, text })),
      { name: "the emulator's log", text: this.cloud.log.join("\n") },
    ];
    return leaks(written, {
      privateKeys: [...this.#exportedKeys, ...this.bench.keys, ...(await this.#keys.privateKeys())],
      others: {
        "the API key": [apiKey],
        "the passphrase": [passphrase],
        "an ownership code": everyFleet(this.plan).flatMap(({ jitp }) =>
          jitp.flatMap(({ devices }) => devices.map(({ code }) => code)),
        ),
        "an attestation token": [...this.#tokens.values()],
      },
    });
  }

  /** @param {string[]} args */
  #calmly(...args) {
    return this.stack.run(args, { limitSeconds: LIMIT_SECONDS });
  }

  /** @param {import("./fleet.mjs").Fleet} fleet */
  async #declare(fleet) {
    this.stack.write(await fleetFiles(fleet, { keys: this.#keys, tokens: this.#tokens }));
  }

  /**
   * Stops a command at its moment, if it still runs then.
   * @param {import("./stack.mjs").Running} running
   * @param {{ how: import("./operations.mjs").Stop, when: import("./operations.mjs").Moment }} stopping
   */
  async #stop(running, { how, when }) {
    const from = this.cloud.answered;
    while (this.cloud.answered - from < when.requests && !running.ended()) await sleep(10);
    await sleep(when.thenMs);
    if (running.ended()) return;
    this.stops[how] = (this.stops[how] ?? 0) + 1;
    await stop(running, how);
  }
}

/**
 * The first thing that an output complains about.
 * @param {string} output
 */
function reasonIn(output) {
  const lines = output.split("\n").map((line) => line.trim());
  return (
    lines.find((line) => /^error:|failed/i.test(line)) ??
    lines.filter((line) => line !== "").at(-1) ??
    ""
  ).slice(0, 300);
}
