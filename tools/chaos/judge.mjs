// The checks after the faults are over.

import { accountProblems, leftovers } from "./check.mjs";
import { calmly, complaintIn, converge } from "./converge.mjs";
import { keyProblems } from "./keyCheck.mjs";
import { everyFleet } from "./plan.mjs";
import { leaks } from "./secrets.mjs";
import { standOff } from "./standoff.mjs";

/**
 * @typedef {import("./world.mjs").World} World
 * @typedef {{ check: string, problem: string, output?: string }} Verdict  What does not hold, and the output that shows it.
 *
 * @typedef {object} Judgement
 * @property {Verdict[]} verdicts  None if all is well.
 * @property {string[]} secondTimes  Why a second `up` or `destroy` was needed.
 * @property {string[]} doubts  Devices that a run left alone because nothing proved whose they are.
 */

/**
 * Converges, checks everything, and destroys.
 * @param {World} world
 * @returns {Promise<Judgement>}
 */
export async function judge(world) {
  const { plan, cloud, ledger, strangers, keys } = world;
  /** @type {Judgement} */
  const judgement = { verdicts: [], secondTimes: [], doubts: [] };
  /** @type {(check: string, problems: readonly string[]) => void} */
  const hold = (check, problems) => {
    judgement.verdicts.push(...problems.map((problem) => ({ check, problem })));
  };
  await cloud.giveBack();
  await world.declare(plan.declared);
  await standOff(world, judgement);
  const converges = await converge(world, judgement);
  hold("no key is replaced unasked", ledger.problems);
  hold("devices of others are untouched", strangers.problems);
  const known = { saved: world.saved, adrift: world.adrift };
  if (converges) {
    const account = await cloud.account();
    hold("the account holds exactly what is declared", accountProblems(plan, account, known));
    const excused = new Set([...world.unfit, ...world.namedAsOlder]);
    hold("every key fits", await keyProblems(plan, account, await world.exportedRows(), keys, excused));
    await empty(world, judgement);
  }
  hold("no secret is in clear", await leaksOf(world));
  return judgement;
}

/**
 * Runs `destroy`, at most twice, and checks what remains.
 * @param {World} world
 * @param {Judgement} judgement
 */
async function empty(world, { verdicts, secondTimes, doubts }) {
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
  const adrift = new Set([...world.adrift, ...doubts]);
  const left = leftovers(world.plan, await world.cloud.account(), { saved: world.saved, adrift });
  verdicts.push(...left.map((problem) => ({ check, problem })));
}

/**
 * Secrets in anything that was printed or written.
 * @param {World} world
 */
async function leaksOf({ plan, stack, second, cloud, keys, tokens, privateKeys }) {
  const jitp = everyFleet(plan).flatMap((fleet) => fleet.jitp);
  const stacks = [stack, ...(second === undefined ? [] : [second.stack])];
  const written = [
    ...stacks.flatMap(({ ran }) =>
      ran.map(({ command, output }) => ({ name: `the output of \`${command}\``, text: output })),
    ),
    ...stacks.flatMap((each) => each.leftOnDisk()).map(({ file, text }) => ({ name: file, text })),
    { name: "the emulator's log", text: cloud.log.join("\n") },
  ];
  return leaks(written, {
    privateKeys: new Set([...privateKeys, ...(await keys.privateKeys())]),
    others: {
      "the API key": [plan.apiKey],
      "the passphrase": [plan.passphrase],
      "an ownership code": jitp.flatMap(({ devices }) => devices.map(({ code }) => code)),
      "an attestation token": [...tokens.values()],
    },
  });
}
