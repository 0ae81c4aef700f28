// A fleet as its owner writes it: the fleet file, the files beside it, and the program.

import { stringify as csv } from "csv-stringify/sync";
import { stringify as yaml } from "yaml";

/**
 * @typedef {import("./fleet.mjs").Fleet} Fleet
 * @typedef {{ keys: import("./ownKeys.mjs").OwnKeys, tokens: ReadonlyMap<string, string> }} Secrets
 *   `tokens`: attestation tokens by UUID.
 */

/** What does not depend on the fleet. */
export const PROJECT_FILES = {
  "Pulumi.yaml": "name: chaos\nruntime:\n  name: nodejs\n  options: { typescript: false }\n",
  "package.json": JSON.stringify({ name: "chaos", private: true }),
  "index.js": `
const { Device, Fleet, ProvisioningRule } = require("pulumi-nrfcloud");
const { devices, rules } = require("./more.json");

const { ca, journal } = new Fleet("fleet", { file: "fleet.yaml" });
for (const { generation, validityDays, ...device } of devices) {
  new Device(device.deviceId, { ...device, credential: { ca, validityDays }, rotation: { generation }, journal });
}
for (const rule of rules) {
  const secTag = 16842753;
  new ProvisioningRule(rule.name, { ...rule, commands: [{ clientPrivateKeyGeneration: { secTag } }] });
}
`,
};

/**
 * The files that declare a fleet, by name.
 * @param {Fleet} fleet
 * @param {Secrets} secrets
 * @returns {Promise<Record<string, string>>}
 */
export async function fleetFiles(fleet, { keys, tokens }) {
  const { groups, program, jitp, claims, rules, validityDays } = fleet;
  const entries = await Promise.all(
    groups.map(async (group) => /** @type {const} */ ([group.name, await groupEntry(group, keys)])),
  );
  /** @type {Record<string, string>} */
  const files = {
    "fleet.yaml": yaml({
      apiVersion: "nrfcloud.dev/v1",
      kind: "Fleet",
      ca: { subject: { commonName: "Chaos CA" } },
      certificates: { validityDays },
      groups: Object.fromEntries(entries),
      ...(jitp.length === 0
        ? {}
        : { jitp: Object.fromEntries(jitp.map((group) => [group.name, jitpEntry(group)])) }),
      ...(claims.length === 0
        ? {}
        : { claims: Object.fromEntries(claims.map((group) => [group.name, claimEntry(group)])) }),
    }),
    "more.json": JSON.stringify({
      rules,
      devices: program.map(({ id, ...device }) => ({ deviceId: id, ...device, validityDays })),
    }),
  };
  for (const { name, devices } of jitp) {
    files[`${name}.csv`] = csv([
      ["id", "code", "name", "tags"],
      ...devices.map((device) => [device.id, device.code, device.name ?? "", device.tags.join("|")]),
    ]);
  }
  for (const { name, uuids } of claims) {
    files[`${name}.csv`] = csv([["token"], ...uuids.map((uuid) => [tokens.get(uuid) ?? ""])]);
  }
  return files;
}

/**
 * @param {import("./fleet.mjs").Group} group
 * @param {import("./ownKeys.mjs").OwnKeys} keys
 */
async function groupEntry({ tags, subType, naming, firmwareTypes, devices }, keys) {
  return {
    tags,
    ...(subType === undefined ? {} : { subType }),
    ...(naming === undefined ? {} : { name: naming }),
    ...(firmwareTypes.length === 0 ? {} : { firmwareTypes }),
    devices: await Promise.all(devices.map((device) => deviceEntry(device, keys))),
  };
}

/**
 * @param {import("./fleet.mjs").Device} device
 * @param {import("./ownKeys.mjs").OwnKeys} keys
 */
async function deviceEntry({ id, tags, name, credential, key, adopt }, keys) {
  return {
    id,
    ...(tags.length === 0 ? {} : { tags }),
    ...(name === undefined ? {} : { name }),
    ...(credential === "issued" ? {} : { [credential]: (await keys.of(credential, id, key)).pem }),
    ...(adopt === undefined ? {} : { adopt }),
  };
}

/** @param {import("./fleet.mjs").JitpGroup} group */
function jitpEntry({ name, tags, subType, wait, pending }) {
  return {
    csv: `${name}.csv`,
    certificates: true,
    tags,
    wait,
    pending,
    ...(subType === undefined ? {} : { subType }),
  };
}

/** @param {import("./fleet.mjs").ClaimGroup} group */
function claimEntry({ name, tags, unclaimOnDestroy, adopt }) {
  return { csv: `${name}.csv`, tags, unclaimOnDestroy, adopt };
}
