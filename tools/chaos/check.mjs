// The checks of previews and of the account after the faults are over.
import { expectedClaims, expectedDevices, keptClaims, sameTags } from "./expected.mjs";
import { listOf, objectOf, parse } from "./json.mjs";
import { everyFleet } from "./plan.mjs";

/**
 * @typedef {import("./plan.mjs").Plan} Plan
 * @typedef {import("./cloud.mjs").Account} Account
 *
 * @typedef {object} Known
 * @property {ReadonlySet<string>} saved  Ids of all that a saved state ever had.
 * @property {ReadonlySet<string>} adrift  Ids of what nobody can know to be the stack's any more.
 */

/**
 * What a preview would change: nothing, after a run that converged.
 * @param {import("./stack.mjs").Ran} preview  Of `preview --json`.
 * @returns {string[]}
 */
export function plannedSteps({ code, stdout }) {
  const start = stdout.indexOf("{");
  if (start < 0) return [`the preview ended with ${String(code)} and planned nothing`];
  const steps = listOf(objectOf(parse(stdout.slice(start))).steps).map((step) => {
    const { op, urn } = objectOf(step);
    return `${String(op)} ${String(urn).split("::").at(-1) ?? ""}`;
  });
  const others = steps.filter((step) => !step.startsWith("same "));
  if (code !== 0 && others.length === 0) return [`the preview ended with ${String(code)}`];
  return others;
}

/**
 * The differences between the account and the declaration: missing, unexpected and different devices, claims and rules.
 * @param {Plan} plan
 * @param {Account} account
 * @param {Known} known
 * @returns {string[]}
 */
export function accountProblems(plan, account, known) {
  const { declared, residents } = plan;
  const expected = expectedDevices(declared, residents);
  const { devices: found, claims, rules } = account;
  const wantedClaims = expectedClaims(declared);
  const kept = keptClaims(everyFleet(plan));
  return [
    ...bystanderProblems(plan, account),
    ...[...found.keys()]
      .filter((id) => !expected.has(id) && !isBystander(plan, id) && !wasNeverOurs(plan, id, known))
      .map((id) => `device ${id} is in the account, but not declared`),
    ...[...expected].flatMap(([id, wanted]) => {
      const device = found.get(id);
      if (device === undefined) return [`device ${id} is declared, but not in the account`];
      return [
        ...(sameTags(device.tags, wanted.tags)
          ? []
          : [`device ${id} has the tags ${device.tags.join(" ")}, declared are ${wanted.tags.join(" ")}`]),
        ...(wanted.names.includes(device.name)
          ? []
          : [`device ${id} is called ${device.name}, declared is ${wanted.names.join(" or ")}`]),
        ...(wanted.subType === undefined || device.subType === wanted.subType
          ? []
          : [`device ${id} has sub-type ${device.subType ?? "none"}, declared is ${wanted.subType}`]),
      ];
    }),
    ...[...claims.keys()]
      .filter((uuid) => !wantedClaims.has(uuid) && !kept.has(uuid) && !known.adrift.has(uuid))
      .map((uuid) => `device ${uuid} is claimed, but not declared`),
    ...[...wantedClaims].flatMap(([uuid, { tags }]) => {
      const claim = claims.get(uuid);
      if (claim === undefined) return [`device ${uuid} is declared, but not claimed`];
      return sameTags(claim.tags, tags)
        ? []
        : [`claim ${uuid} has the tags ${claim.tags.join(" ")}, declared are ${tags.join(" ")}`];
    }),
    ...ruleProblems(rules, declared.rules),
  ];
}

/**
 * What remains in the account after `destroy`, without what the documentation says.
 * @param {Plan} plan
 * @param {Account} account
 * @param {Known} known
 * @returns {string[]}
 */
export function leftovers(plan, account, known) {
  const fleets = everyFleet(plan);
  const kept = keptClaims(fleets);
  const released = new Set(
    fleets.flatMap(({ jitp }) => jitp.flatMap(({ devices }) => devices.map(({ id }) => id))),
  );
  return [
    ...bystanderProblems(plan, account),
    ...[...account.devices.keys()]
      .filter((id) => !isBystander(plan, id) && !wasNeverOurs(plan, id, known))
      .map((id) => `device ${id} is still in the account`),
    ...[...account.claims.keys()]
      .filter((uuid) => !kept.has(uuid) && !known.adrift.has(uuid))
      .map((uuid) => `device ${uuid} is still claimed`),
    ...account.rules.map(({ name }) => `rule ${name} is still there`),
    ...account.unowned
      .filter((id) => !released.has(id))
      .map((id) => `device ${id} is on the platform and nobody's, though it is no just-in-time device`),
  ];
}

/**
 * Devices that do not belong to the stack, and that it changed or deleted.
 * @param {Plan} plan
 * @param {Account} account
 */
function bystanderProblems({ bystanders }, { devices }) {
  return bystanders.flatMap(({ id, tags, name = id, subType }) => {
    const device = devices.get(id);
    if (device === undefined) return [`device ${id}, which is none of this stack's, is gone`];
    const untouched =
      sameTags(device.tags, tags) &&
      device.name === name &&
      (subType === undefined || device.subType === subType);
    return untouched ? [] : [`device ${id}, which is none of this stack's, was changed`];
  });
}

/**
 * @param {Plan} plan
 * @param {string} id
 */
function isBystander({ bystanders }, id) {
  return bystanders.some((each) => each.id === id);
}

/**
 * A device that was in the account before and was to be adopted, but no state ever had: it stays where it was. So does what the
 * stack lost track of.
 * @param {Plan} plan
 * @param {string} id
 * @param {Known} known
 */
function wasNeverOurs({ residents }, id, { saved, adrift }) {
  return adrift.has(id) || (residents.some((each) => each.id === id) && !saved.has(id));
}

/**
 * @param {Account["rules"]} found
 * @param {readonly import("./fleet.mjs").Rule[]} declared
 */
function ruleProblems(found, declared) {
  return [
    ...found
      .filter(({ name }) => !declared.some((rule) => rule.name === name))
      .map(({ name }) => `rule ${name} is there, but not declared`),
    ...declared.flatMap(({ name, description }) => {
      const rule = found.find((each) => each.name === name);
      if (rule === undefined) return [`rule ${name} is declared, but not there`];
      if (rule.description === description) return [];
      return [`rule ${name} is described as ${rule.description}, declared is ${description}`];
    }),
  ];
}
