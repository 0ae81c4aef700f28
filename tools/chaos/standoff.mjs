// What must hold while devices of other people, or what nobody can know, stand in the way of a stack.

import { setTimeout as sleep } from "node:timers/promises";
import { sameTags } from "./expected.mjs";
import { calmly, freedRule } from "./converge.mjs";
import { DOUBT, names, REPLACED, RESUMED, saidOf, TAKEN } from "./messages.mjs";

/**
 * @typedef {import("./world.mjs").World} World
 * @typedef {ReadonlyMap<string, import("./cloud.mjs").CloudDevice>} Devices
 */

/**
 * Looks what a preview and an `up` say and do; afterwards the others take their devices away.
 * @param {World} world
 * @param {import("./judge.mjs").Judgement} judgement
 */
export async function standOff(world, judgement) {
  const { verdicts } = judgement;
  const { cloud, strangers, second } = world;
  if (strangers.ids.length === 0 && second === undefined && !world.lostSomething) return;
  await cloud.jobsEnded();
  const before = await cloud.devices();
  const declared = new Set(adoptless(world.plan));
  const foreign = strangers.ids.filter((id) => declared.has(id));
  const { rows } = world;
  const unknown = [...world.adrift].filter(
    (id) => declared.has(id) && before.has(id) && rows.get(id)?.isThere !== true && !foreign.includes(id),
  );
  // A preview reads rows that change. What others, or a run that nothing remembers, did to the other rows, a refresh finds.
  if (strangers.ids.length > 0 || world.lostSomething)
    await calmly(world, "refresh", "--yes", "--skip-preview");
  let preview = await calmly(world, "preview");
  if (await freedRule(world, judgement, preview.output)) preview = await calmly(world, "preview");
  const up = await calmly(world, "up", "--yes", "--skip-preview");
  const said = preview.output + up.output;
  const hold = (/** @type {string} */ check, /** @type {string[]} */ problems) => {
    verdicts.push(...problems.map((problem) => ({ check, problem, output: said })));
  };
  hold(
    "foreign devices are told of",
    foreign
      .filter((id) => !isTold(said, id))
      .map((id) => `neither preview nor up says that ${id} is somebody else's`),
  );
  if (preview.code !== 0) {
    // The engine may carry out a resource of its own before it hears that another is refused.
    const single = new Set(world.plan.declared.program.map(({ id }) => id));
    const isSetRefused = [...foreign, ...unknown].some((id) => !single.has(id));
    const after = await cloud.devices();
    hold("what is refused changes nothing", [
      ...(up.code === 0 ? ["the preview refuses what up does"] : []),
      ...(isSetRefused ? differences(before, after, single) : []),
    ]);
  } else {
    // One that brings its credential has no certificate in the state, by which it could be told.
    const resumed = new Set(saidOf(said, RESUMED, unknown));
    hold(
      "what the journal does not know is refused",
      unknown
        .filter((id) => !hasCertificate(world, id) && !resumed.has(id))
        .map((id) => `${id} is in the account, in no state and in no journal, and up takes it over`),
    );
  }
  await world.observe();
  for (const id of strangers.ids) if (id !== "second-0") await leave(world, id);
  strangers.forget("a colleague");
  if (second !== undefined) {
    const output = await second.destroy();
    if (output !== undefined)
      verdicts.push({
        check: "the second stack can be destroyed",
        problem: "it ended with an error",
        output,
      });
  }
  await sleep(500);
}

/**
 * @param {World} world
 * @param {string} id
 */
async function leave({ cloud, strangers }, id) {
  const device = (await cloud.devices()).get(id);
  if (device !== undefined && strangers.has(device) && strangers.whose(id) === "a colleague")
    await cloud.remove(id);
}

/**
 * Whether the device came into the state with the certificate that the account has: the journal had it after all.
 * @param {World} world
 * @param {string} id
 */
function hasCertificate({ rows }, id) {
  return rows.get(id)?.certificate !== undefined || rows.get(id)?.isThere !== true;
}

/**
 * @param {string} said
 * @param {string} id
 */
function isTold(said, id) {
  return names(said, id) && [TAKEN, REPLACED, DOUBT, "already exists"].some((what) => said.includes(what));
}

/** The devices that are declared without being adopted. @param {import("./plan.mjs").Plan} plan */
function adoptless({ declared: { groups, program } }) {
  const devices = groups.flatMap((group) => group.devices).filter(({ adopt }) => adopt === undefined);
  return [...devices, ...program].map(({ id }) => id);
}

/**
 * @param {Devices} before
 * @param {Devices} after
 * @param {ReadonlySet<string>} excused
 * @returns {string[]}
 */
function differences(before, after, excused) {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((id) => {
    if (excused.has(id)) return [];
    const [one, other] = [before.get(id), after.get(id)];
    if (one === undefined || other === undefined)
      return [`${id} ${one === undefined ? "came into" : "left"} the account`];
    const same =
      one.publicKey === other.publicKey && one.name === other.name && sameTags(one.tags, other.tags);
    return same ? [] : [`${id} was changed`];
  });
}
