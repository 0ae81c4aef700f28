// What must hold once the faults are over.

import { accountProblems, leftovers, plannedSteps } from "./check.mjs";
import { textOf } from "./json.mjs";
import { keyProblems } from "./keyCheck.mjs";
import { everyFleet } from "./plan.mjs";
import { leaks } from "./secrets.mjs";

/** How long a command may take where nothing is wrong. */
const LIMIT_SECONDS = 120;

/**
 * @typedef {import("./world.mjs").World} World
 * @typedef {{ check: string, problem: string, output?: string }} Verdict  What does not hold, and the output that shows it.
 *
 * @typedef {object} Judgement
 * @property {Verdict[]} verdicts  None if all is well.
 * @property {string[]} secondTimes  Why a second `up` or `destroy` was needed.
 */

/**
 * Converges, looks at everything, and destroys.
 * @param {World} world
 * @returns {Promise<Judgement>}
 */
export async function judge(world) {
  const { plan, cloud, stack, ledger, keys } = world;
  /** @type {Judgement} */
  const judgement = { verdicts: [], secondTimes: [] };
  /** @type {(check: string, problems: readonly string[]) => void} */
  const hold = (check, problems) => {
    judgement.verdicts.push(...problems.map((problem) => ({ check, problem })));
  };
  /** @type {string[]} */
  let exportedKeys = [];
  await cloud.giveBack();
  await world.declare(plan.declared);
  const converges = await converge(world, judgement);
  hold("no key was lost without a word", [...ledger.problems, ...ledger.unsaid]);
  if (converges) {
    const account = await cloud.account();
    hold("the account holds exactly what is declared", accountProblems(plan, account, world.saved));
    const resources = await stack.exported();
    exportedKeys = resources.flatMap(({ outputs }) => textOf(outputs.privateKey) ?? []);
    hold("every key fits", await keyProblems(plan, account, resources, keys));
    await empty(world, judgement);
  }
  hold("no secret is in clear", await leaksOf(world, exportedKeys));
  return judgement;
}

/**
 * Runs `up`, at most twice, until the next preview is empty.
 * @param {World} world
 * @param {Judgement} judgement
 */
async function converge(world, { verdicts, secondTimes }) {
  for (let time = 1; ; time++) {
    const up = await calmly(world, "up", "--yes", "--skip-preview");
    await world.observeKeys(world.plan.declared);
    let shows = up;
    let problem = `up ended with ${String(up.code)}`;
    if (up.code === 0) {
      shows = await calmly(world, "preview", "--json", "--expect-no-changes");
      const steps = plannedSteps(shows);
      if (steps.length === 0) return true;
      problem = `after up, the preview plans ${steps.join(", ")}`;
    }
    if (time === 2) {
      verdicts.push({ check: "up converges, and the next preview is empty", problem, output: shows.output });
      return false;
    }
    secondTimes.push(`${problem}: ${complaintIn(shows.output)}`);
    // Where the provider says that it must be, and not where the engine says so of all that was interrupted.
    if (up.output.includes("Run `pulumi refresh`")) await calmly(world, "refresh", "--yes", "--skip-preview");
  }
}

/**
 * Runs `destroy`, at most twice, and looks what is left.
 * @param {World} world
 * @param {Judgement} judgement
 */
async function empty(world, { verdicts, secondTimes }) {
  const check = "destroy empties the account";
  let destroyed = await calmly(world, "destroy", "--yes", "--skip-preview");
  if (destroyed.code !== 0) {
    secondTimes.push(`destroy ended with ${String(destroyed.code)}: ${complaintIn(destroyed.output)}`);
    destroyed = await calmly(world, "destroy", "--yes", "--skip-preview");
  }
  if (destroyed.code !== 0) {
    verdicts.push({ check, problem: `it ended with ${String(destroyed.code)}`, output: destroyed.output });
    return;
  }
  const left = leftovers(world.plan, await world.cloud.account(), world.saved);
  verdicts.push(...left.map((problem) => ({ check, problem })));
}

/**
 * Secrets in anything that was printed or written.
 * @param {World} world
 * @param {readonly string[]} exportedKeys
 */
async function leaksOf({ plan, stack, bench, cloud, keys, tokens }, exportedKeys) {
  const jitp = everyFleet(plan).flatMap((fleet) => fleet.jitp);
  const written = [
    ...stack.ran.map(({ command, output }) => ({ name: `the output of \`${command}\``, text: output })),
    ...stack.leftOnDisk().map(({ file, text }) => ({ name: file, text })),
    { name: "the emulator's log", text: cloud.log.join("\n") },
  ];
  return leaks(written, {
    privateKeys: new Set([...exportedKeys, ...bench.keys, ...(await keys.privateKeys())]),
    others: {
      "the API key": [plan.apiKey],
      "the passphrase": [plan.passphrase],
      "an ownership code": jitp.flatMap(({ devices }) => devices.map(({ code }) => code)),
      "an attestation token": [...tokens.values()],
    },
  });
}

/**
 * Runs a command where nothing is wrong any more.
 * @param {World} world
 * @param {string[]} args
 */
function calmly({ stack }, ...args) {
  return stack.run(args, { limitSeconds: LIMIT_SECONDS });
}

/**
 * The first thing that an output complains about.
 * @param {string} output
 */
function complaintIn(output) {
  const lines = output.split("\n").map((line) => line.trim());
  const complaint = lines.find((line) => /\berror:/i.test(line));
  return (complaint ?? lines.filter((line) => line !== "").at(-1) ?? "").slice(0, 300);
}
