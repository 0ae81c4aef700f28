// Random changes of a fleet, as somebody would edit its file.

import { isDeepStrictEqual } from "node:util";
import {
  randomDevice,
  randomJitpDevice,
  randomName,
  randomProvisioningTags,
  randomSubType,
  randomTags,
} from "./fleet.mjs";

/**
 * @typedef {import("./fleet.mjs").Fleet} Fleet
 * @typedef {import("./random.mjs").Random} Random
 * @typedef {{ fleet: Fleet, description: string }} Changed
 * @typedef {object} Change
 * @property {number} weight
 * @property {(fleet: Fleet) => boolean} fits  Whether a fleet is one that can be changed so.
 * @property {(random: Random, fleet: Fleet, serial: string) => string} make
 *   Changes the fleet given, and describes that. The serial is for new ids, which are never used twice.
 */

/** @type {Record<string, Change>} */
const changes = {
  add: {
    weight: 4,
    fits: () => true,
    make(random, fleet, serial) {
      const group = random.pick(fleet.groups);
      const added = Array.from({ length: random.integer(1, 3) }, (_, i) =>
        randomDevice(random, `${group.name}-${serial}-${i}`),
      );
      group.devices.push(...added);
      return `add ${ids(added)}`;
    },
  },
  remove: {
    weight: 4,
    fits: (fleet) => count(fleet) > 1,
    make(random, fleet) {
      const all = fleet.groups.flatMap(({ devices }) => devices);
      const removed = random.some(all, Math.min(random.integer(1, 3), all.length - 1));
      for (const group of fleet.groups) {
        group.devices = group.devices.filter((device) => !removed.includes(device));
      }
      fleet.groups = fleet.groups.filter(({ devices }) => devices.length > 0);
      return `remove ${ids(removed)}`;
    },
  },
  move: {
    weight: 2,
    // A device that was to be adopted with one sub-type can't be adopted with another.
    fits: ({ groups }) => groups.length > 1 && groups.some(movable),
    make(random, fleet) {
      const from = random.pick(fleet.groups.filter(movable));
      const to = random.pick(fleet.groups.filter((group) => group !== from));
      const [device] = from.devices.splice(
        from.devices.findIndex(({ adopt }) => adopt === undefined),
        1,
      );
      if (device !== undefined) to.devices.push(device);
      return `move ${device?.id ?? ""} to ${to.name}`;
    },
  },
  retagGroup: {
    weight: 4,
    fits: () => true,
    make(random, fleet) {
      const group = random.pick(fleet.groups);
      group.tags = randomTags(random);
      return `tag ${group.name} ${group.tags.join(" ")}`;
    },
  },
  retagDevice: {
    weight: 2,
    fits: () => true,
    make(random, fleet) {
      const device = random.pick(random.pick(fleet.groups).devices);
      device.tags = randomTags(random);
      return `tag ${device.id} ${device.tags.join(" ")}`;
    },
  },
  rename: {
    weight: 3,
    fits: () => true,
    make(random, fleet) {
      const device = random.pick(random.pick(fleet.groups).devices);
      device.name = random.chance(0.3) ? undefined : randomName(random);
      return `name ${device.id} ${device.name ?? "no more"}`;
    },
  },
  replace: {
    weight: 3,
    fits: ({ groups }) => groups.some(replaceable),
    make(random, fleet) {
      const group = random.pick(fleet.groups.filter(replaceable));
      group.subType = randomSubType(random);
      return `sub-type of ${group.name} ${group.subType}`;
    },
  },
  ownKeys: {
    weight: 3,
    fits: ({ groups }) => groups.some(({ devices }) => devices.some(bringsKey)),
    make(random, fleet) {
      const device = random.pick(fleet.groups.flatMap(({ devices }) => devices.filter(bringsKey)));
      device.key++;
      return `another ${device.credential} of ${device.id}`;
    },
  },
  rotate: {
    weight: 6,
    fits: ({ program }) => program.length > 0,
    make(random, fleet) {
      const rotated = random.some(fleet.program, random.integer(1, fleet.program.length));
      for (const device of rotated) device.generation++;
      return `rotate ${ids(rotated)}`;
    },
  },
  reissue: {
    weight: 2,
    fits: () => true,
    make(random, fleet) {
      fleet.validityDays = random.integer(300, 3000);
      return `certificates of ${fleet.validityDays} days`;
    },
  },
  jitp: {
    weight: 5,
    fits: ({ jitp }) => jitp.length > 0,
    make(random, fleet, serial) {
      const group = random.pick(fleet.jitp);
      if (random.chance(0.4)) {
        group.tags = randomTags(random);
        return `tag ${group.name} ${group.tags.join(" ")}`;
      }
      if (group.devices.length > 1 && random.chance(0.5)) {
        const removed = random.some(group.devices, 1);
        group.devices = group.devices.filter((device) => !removed.includes(device));
        return `remove ${ids(removed)}`;
      }
      const added = randomJitpDevice(random, `kit-${serial}`);
      group.devices.push(added);
      return `add ${added.id}`;
    },
  },
  claims: {
    weight: 5,
    fits: ({ claims }) => claims.length > 0,
    make(random, fleet) {
      const group = random.pick(fleet.claims);
      if (random.chance(0.4)) {
        group.tags = randomProvisioningTags(random);
        return `tag ${group.name} ${group.tags.join(" ")}`;
      }
      if (group.uuids.length > 1 && random.chance(0.5)) {
        const [removed = ""] = random.some(group.uuids, 1);
        group.uuids = group.uuids.filter((uuid) => uuid !== removed);
        return `remove claim ${removed}`;
      }
      const added = random.uuid();
      group.uuids.push(added);
      return `add claim ${added}`;
    },
  },
  rule: {
    weight: 4,
    fits: ({ rules }) => rules.length > 0,
    make(random, fleet, serial) {
      const rule = random.pick(fleet.rules);
      rule.description = serial;
      return `another rule ${rule.name}`;
    },
  },
};

/**
 * A fleet after one to three changes.
 * @param {Random} random
 * @param {Fleet} before
 * @param {string} serial
 * @returns {Changed}
 */
export function randomChange(random, before, serial) {
  const fleet = structuredClone(before);
  const made = Array.from({ length: random.integer(1, 3) }, (_, i) => {
    const fitting = Object.entries(changes).filter(([, change]) => change.fits(fleet));
    const name = random.weighted(Object.fromEntries(fitting.map(([each, { weight }]) => [each, weight])));
    return changes[name]?.make(random, fleet, `${serial}-${i}`) ?? "";
  });
  return { fleet, description: made.join(", ") };
}

/**
 * A fleet after changes that leave every device, claim and key what it is, so that they can be taken back.
 * @param {Random} random
 * @param {Fleet} before
 * @param {string} serial
 * @returns {Changed}
 */
export function changeInPlace(random, before, serial) {
  const fixed = JSON.stringify(before, withoutWords);
  for (;;) {
    const changed = randomChange(random, before, serial);
    const { fleet } = changed;
    if (JSON.stringify(fleet, withoutWords) !== fixed) continue;
    // The name that an adopted device came with is in no declaration: once it has another, nobody can give it back.
    if (adoptedNames(fleet) === adoptedNames(before) && !isDeepStrictEqual(fleet, before)) return changed;
  }
}

/**
 * @param {string} key
 * @param {unknown} value
 */
function withoutWords(key, value) {
  return ["name", "tags", "description", "validityDays"].includes(key) ? undefined : value;
}

/** @param {Fleet} fleet */
function adoptedNames({ groups }) {
  const adopted = groups.flatMap(({ devices }) => devices.filter(({ adopt }) => adopt !== undefined));
  return JSON.stringify(adopted.map(({ id, name }) => [id, name]));
}

/**
 * What somebody has to declare who destroyed a fleet and wants it again. Just-in-time devices are registered by then, so
 * nRF Cloud issues no other certificate for them: they make room for new ones. Claims that were kept are adopted.
 * @param {Random} random
 * @param {Fleet} before
 * @param {string} serial
 * @returns {Fleet}
 */
export function afterDestroy(random, before, serial) {
  const fleet = structuredClone(before);
  for (const group of fleet.jitp) {
    group.devices = group.devices.map((_, i) => randomJitpDevice(random, `kit-${serial}-${i}`));
  }
  for (const group of fleet.claims) group.adopt = true;
  return fleet;
}

/** @param {readonly { readonly id: string }[]} devices */
function ids(devices) {
  return devices.map(({ id }) => id).join(" ");
}

/** @param {Fleet} fleet */
function count({ groups }) {
  return groups.reduce((sum, { devices }) => sum + devices.length, 0);
}

/** @param {import("./fleet.mjs").Group} group */
function movable({ devices }) {
  return devices.length > 1 && devices.some(({ adopt }) => adopt === undefined);
}

/** @param {import("./fleet.mjs").Group} group */
function replaceable({ devices }) {
  return devices.every(({ adopt }) => adopt === undefined);
}

/** @param {import("./fleet.mjs").Device} device */
function bringsKey({ credential }) {
  return credential !== "issued";
}
