// A random small fleet, of all the ways in.

/**
 * @typedef {"issued" | "csr" | "certificate" | "publicKey"} CredentialKind
 *
 * @typedef {object} Device  An entry of a group.
 * @property {string} id
 * @property {string[]} tags  Of its own, besides its group's.
 * @property {string | undefined} name
 * @property {CredentialKind} credential
 * @property {number} key  Number of the key that it brings: another number is another key.
 * @property {true | "recertify" | undefined} adopt
 *
 * @typedef {object} Group
 * @property {string} name
 * @property {string[]} tags
 * @property {string | undefined} subType
 * @property {string | undefined} naming  With `{id}` for the device's.
 * @property {string[]} firmwareTypes
 * @property {Device[]} devices
 *
 * @typedef {{ id: string, tags: string[], subType: string | undefined, generation: number }} ProgramDevice
 *   Declared by the program itself, which is the one that can ask for rotation.
 *
 * @typedef {{ id: string, code: string, name: string | undefined, tags: string[] }} JitpDevice
 * @typedef {object} JitpGroup
 * @property {string} name
 * @property {string[]} tags
 * @property {string | undefined} subType
 * @property {number} wait
 * @property {"fail" | "allow"} pending
 * @property {JitpDevice[]} devices
 *
 * @typedef {{ name: string, tags: string[], unclaimOnDestroy: boolean, adopt: boolean, uuids: string[] }} ClaimGroup
 * @typedef {{ name: string, description: string, tags: string[] }} Rule
 *
 * @typedef {object} Fleet
 * @property {number} validityDays
 * @property {Group[]} groups  With at least one device.
 * @property {ProgramDevice[]} program
 * @property {JitpGroup[]} jitp
 * @property {ClaimGroup[]} claims
 * @property {Rule[]} rules
 *
 * @typedef {{ id: string, tags: string[], name: string | undefined, subType: string | undefined }} Resident
 *   A device that was in the account before the fleet.
 */

const GROUPS = ["sensors", "racks", "bench", "lot-7"];
const TAGS = ["acme", "oslo", "a:b", "x@y", "#1", "night.shift", "v1-0"];
const PROVISIONING_TAGS = ["nrf-cloud-onboarding", "location=Trondheim", "lab#2"];
const SUB_TYPES = ["tracker", "asset/tag", "meter,v2", "gateway"];
const NAMES = ["Unit 7", 'The "big" one', "Ünit, № 9", "a|b=c"];
const FIRMWARE_TYPES = ["APP", "MODEM", "BOOT"];

/**
 * A fleet, the devices of it that are in the account already (to be adopted), and others there that are nobody's business.
 * @param {import("./random.mjs").Random} random
 * @returns {{ fleet: Fleet, residents: Resident[], bystanders: Resident[] }}
 */
export function randomFleet(random) {
  /** @type {Fleet} */
  const fleet = {
    validityDays: 3650,
    groups: [],
    program: [],
    jitp: [],
    claims: [],
    rules: [],
  };
  const size = random.chance(0.3) ? random.integer(16, 30) : random.integer(4, 15);
  for (const name of random.some(GROUPS, Math.min(random.integer(1, 3), size))) {
    fleet.groups.push(randomGroup(random, name));
  }
  for (let i = 0; i < size; i++) {
    const group = fleet.groups[i] ?? random.pick(fleet.groups);
    group.devices.push(randomDevice(random, `${group.name}-${i}`));
  }
  const residents = random.chance(0.3) ? adopted(random, fleet) : [];
  if (random.chance(0.3)) {
    fleet.program = Array.from({ length: random.integer(1, 3) }, (_, i) => ({
      id: `program-${i}`,
      tags: randomTags(random),
      subType: random.chance(0.5) ? random.pick(SUB_TYPES) : undefined,
      generation: random.integer(1, 2),
    }));
  }
  if (random.chance(0.25)) fleet.jitp.push(randomJitpGroup(random));
  if (random.chance(0.25)) fleet.claims.push(randomClaimGroup(random));
  if (random.chance(0.15)) {
    fleet.rules.push({ name: "onboard", description: "first", tags: [random.pick(PROVISIONING_TAGS)] });
  }
  const bystanders = Array.from({ length: random.integer(0, 2) }, (_, i) =>
    randomResident(random, `other-${i}`),
  );
  return { fleet, residents, bystanders };
}

/**
 * @param {import("./random.mjs").Random} random
 * @param {string} name
 * @returns {Group}
 */
function randomGroup(random, name) {
  return {
    name,
    tags: randomTags(random),
    subType: random.chance(0.5) ? random.pick(SUB_TYPES) : undefined,
    naming: random.chance(0.3) ? "Unit {id}" : undefined,
    firmwareTypes: random.chance(0.3) ? random.some(FIRMWARE_TYPES, random.integer(1, 2)) : [],
    devices: [],
  };
}

/**
 * @param {import("./random.mjs").Random} random
 * @param {string} id
 * @returns {Device}
 */
export function randomDevice(random, id) {
  return {
    id,
    tags: random.chance(0.3) ? randomTags(random) : [],
    name: random.chance(0.2) ? random.pick(NAMES) : undefined,
    credential: random.weighted({ issued: 16, csr: 2, certificate: 2, publicKey: 1 }),
    key: 1,
    adopt: undefined,
  };
}

/**
 * Has some devices of a fleet adopted, and gives those devices as they are before.
 * @param {import("./random.mjs").Random} random
 * @param {Fleet} fleet
 */
function adopted(random, fleet) {
  const group = random.pick(fleet.groups);
  return random.some(group.devices, random.integer(1, 2)).map((device) => {
    device.adopt = random.chance(0.5) ? true : "recertify";
    device.credential = "issued";
    return { ...randomResident(random, device.id), subType: group.subType };
  });
}

/**
 * @param {import("./random.mjs").Random} random
 * @param {string} id
 * @returns {Resident}
 */
function randomResident(random, id) {
  return {
    id,
    tags: randomTags(random),
    name: random.chance(0.5) ? "Was here before" : undefined,
    subType: random.chance(0.5) ? random.pick(SUB_TYPES) : undefined,
  };
}

/**
 * @param {import("./random.mjs").Random} random
 * @returns {JitpGroup}
 */
function randomJitpGroup(random) {
  return {
    name: "kits",
    tags: randomTags(random),
    subType: random.chance(0.3) ? "kit" : undefined,
    wait: random.integer(3, 8),
    pending: random.chance(0.5) ? "allow" : "fail",
    devices: Array.from({ length: random.integer(1, 3) }, (_, i) => randomJitpDevice(random, `kit-${i}`)),
  };
}

/**
 * @param {import("./random.mjs").Random} random
 * @param {string} id
 * @returns {JitpDevice}
 */
export function randomJitpDevice(random, id) {
  return {
    id,
    code: `code-${random.hex(12)}`,
    name: random.chance(0.4) ? random.pick(NAMES) : undefined,
    tags: random.chance(0.3) ? randomTags(random) : [],
  };
}

/**
 * @param {import("./random.mjs").Random} random
 * @returns {ClaimGroup}
 */
function randomClaimGroup(random) {
  return {
    name: "trackers",
    tags: random.some(PROVISIONING_TAGS, random.integer(0, 2)),
    unclaimOnDestroy: random.chance(0.6),
    adopt: false,
    uuids: Array.from({ length: random.integer(1, 4) }, () => random.uuid()),
  };
}

/** @param {import("./random.mjs").Random} random */
export function randomTags(random) {
  return random.some(TAGS, random.integer(0, 3));
}

/** @param {import("./random.mjs").Random} random */
export function randomProvisioningTags(random) {
  return random.some(PROVISIONING_TAGS, random.integer(0, 3));
}

/** @param {import("./random.mjs").Random} random */
export function randomName(random) {
  return random.pick(NAMES);
}

/** @param {import("./random.mjs").Random} random */
export function randomSubType(random) {
  return random.pick(SUB_TYPES);
}
