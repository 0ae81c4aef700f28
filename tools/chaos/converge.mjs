// Brings a stack to its declaration, as a user who follows the provider's messages only.

import { plannedSteps } from "./check.mjs";
import { DOUBT, REPLACED, saidOf, TAKEN } from "./messages.mjs";

/** The time limit of a command without faults. */
const LIMIT_SECONDS = 120;
/** The highest number of manual deletions of devices. */
const BY_HAND = 10;

/**
 * @typedef {import("./world.mjs").World} World
 * @typedef {import("./judge.mjs").Judgement} Judgement
 */

/**
 * Runs `up`, at most twice, until the next preview is empty; once more where just-in-time devices must connect first.
 * @param {World} world
 * @param {Judgement} judgement
 */
export async function converge(world, judgement) {
  const { verdicts, secondTimes } = judgement;
  const limit = world.plan.declared.jitp.length > 0 ? 3 : 2;
  let byHand = 0;
  for (let time = 1; ; time++) {
    const up = await calmly(world, "up", "--yes", "--skip-preview");
    await world.observe();
    await world.flash();
    if (byHand < BY_HAND && (await freedRule(world, judgement, up.output))) {
      byHand++;
      time--;
      continue;
    }
    const disowned = byHand < BY_HAND ? disownedBy(world, up.output) : [];
    if (disowned.length > 0) {
      byHand++;
      time--;
      await disown(world, judgement, disowned, up.output);
      continue;
    }
    let shows = up;
    let problem = `up ended with ${String(up.code)}`;
    if (up.code === 0) {
      shows = await calmly(world, "preview", "--json", "--expect-no-changes");
      const steps = plannedSteps(shows);
      if (steps.length === 0) return true;
      problem = `after up, the preview plans ${steps.join(", ")}`;
    }
    if (time === limit) {
      verdicts.push({ check: "up converges, and the next preview is empty", problem, output: shows.output });
      return false;
    }
    secondTimes.push(`${problem}: ${complaintIn(shows.output)}`);
  }
}

/**
 * Devices that a run does not change, because it can't know that they are its own.
 * @param {World} world
 * @param {string} output
 */
function disownedBy({ plan, adrift, saved }, output) {
  const ids = new Set([...idsOf(plan), ...adrift, ...saved]);
  return [TAKEN, REPLACED, DOUBT].flatMap((what) => saidOf(output, what, ids));
}

/**
 * Deletes a provisioning rule that a killed run left, as the provider proposes: no journal knows of rules. Gives whether there was one.
 * @param {World} world
 * @param {Judgement} judgement
 * @param {string} output
 */
export async function freedRule({ cloud }, { doubts }, output) {
  const [, name] =
    /The account has a provisioning rule "(.+?)" already, and the state of this stack does not/.exec(
      output,
    ) ?? [];
  if (name === undefined) return false;
  doubts.push(`rule ${name}`);
  await cloud.removeRule(name);
  return true;
}

/** @param {import("./plan.mjs").Plan} plan */
function idsOf({ declared: { groups, program, jitp, claims } }) {
  return [
    ...[...groups, ...jitp].flatMap(({ devices }) => devices.map(({ id }) => id)),
    ...program.map(({ id }) => id),
    ...claims.flatMap(({ uuids }) => uuids),
  ];
}

/**
 * Deletes such devices manually, as the provider proposes. This is only right if a run can't know that they are its own.
 * @param {World} world
 * @param {Judgement} judgement
 * @param {readonly string[]} ids
 * @param {string} output
 */
async function disown(world, { verdicts, doubts }, ids, output) {
  const doubted = saidOf(output, DOUBT, ids);
  doubts.push(...doubted);
  const known = ids.filter((id) => !doubted.includes(id));
  if (known.length > 0 && !world.lostSomething) {
    const problem = `up leaves ${known.join(" ")} to somebody else, though the stack brought them into the account`;
    verdicts.push({ check: "a killed run is finished by the next", problem, output });
  }
  await world.cloud.removeByHand(ids);
  world.ledger.removed(ids);
}

/**
 * Runs a command after the faults are over.
 * @param {World} world
 * @param {string[]} args
 */
export function calmly({ stack }, ...args) {
  return stack.run(args, { limitSeconds: LIMIT_SECONDS });
}

/**
 * The first error in an output.
 * @param {string} output
 */
export function complaintIn(output) {
  const lines = output.split("\n").map((line) => line.trim());
  const complaint = lines.find((line) => /\berror:/i.test(line));
  return (complaint ?? lines.filter((line) => line !== "").at(-1) ?? "").slice(0, 300);
}
