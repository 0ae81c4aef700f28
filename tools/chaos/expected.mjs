// What an account must hold when a fleet is declared and everything went well.

/**
 * @typedef {import("./fleet.mjs").Fleet} Fleet
 * @typedef {import("./fleet.mjs").Resident} Resident
 *
 * @typedef {object} ExpectedDevice
 * @property {string[]} tags
 * @property {string[]} names  Any of these: an adopted device keeps the name it came with as long as none is declared.
 * @property {string | undefined} subType  `undefined`: whatever the service chose.
 * @property {{ kind: import("./fleet.mjs").CredentialKind | "jitp", key: number }} credential
 */

/**
 * @param {Fleet} fleet
 * @param {readonly Resident[]} residents
 * @returns {Map<string, ExpectedDevice>}  By id.
 */
export function expectedDevices({ groups, program, jitp }, residents) {
  const before = new Map(residents.map((resident) => [resident.id, resident]));
  /** @type {Map<string, ExpectedDevice>} */
  const expected = new Map();
  for (const group of groups) {
    for (const device of group.devices) {
      const { id, adopt, credential, key } = device;
      const name = device.name ?? group.naming?.replace("{id}", id);
      const kept = adopt === undefined ? undefined : before.get(id)?.name;
      expected.set(id, {
        tags: together(group.tags, device.tags),
        names: name === undefined ? [id, ...(kept === undefined ? [] : [kept])] : [name],
        subType: group.subType,
        credential: { kind: credential, key },
      });
    }
  }
  for (const { id, tags, subType } of program) {
    expected.set(id, { tags: together(tags), names: [id], subType, credential: { kind: "issued", key: 1 } });
  }
  for (const { tags, subType, devices } of jitp) {
    for (const device of devices) {
      expected.set(device.id, {
        tags: together(tags, device.tags),
        names: [device.name ?? device.id],
        subType,
        credential: { kind: "jitp", key: 1 },
      });
    }
  }
  return expected;
}

/**
 * @param {Fleet} fleet
 * @returns {Map<string, { tags: string[] }>}  Claims by UUID.
 */
export function expectedClaims({ claims }) {
  return new Map(claims.flatMap(({ tags, uuids }) => uuids.map((uuid) => [uuid, { tags: together(tags) }])));
}

/**
 * Claims that stay when they are no longer declared, because nobody asked for anything else.
 * @param {readonly Fleet[]} fleets  All that were ever declared.
 */
export function keptClaims(fleets) {
  return new Set(
    fleets.flatMap(({ claims }) => claims.flatMap((group) => (group.unclaimOnDestroy ? [] : group.uuids))),
  );
}

/**
 * What of a fleet decides about the key of each device: where this changes, a key may.
 * @param {Fleet} fleet
 * @returns {Map<string, string>}  By device id.
 */
export function causesOfKeys({ groups, program, jitp }) {
  /** @type {[string, unknown][]} */
  const causes = [
    ...groups.flatMap(({ subType, firmwareTypes, devices }) =>
      devices.map(
        ({ id, credential, key, adopt }) =>
          /** @type {[string, unknown]} */ ([id, [subType, firmwareTypes, credential, key, adopt]]),
      ),
    ),
    ...program.map(
      ({ id, subType, generation }) => /** @type {[string, unknown]} */ ([id, [subType, generation]]),
    ),
    ...jitp.flatMap(({ devices }) =>
      devices.map(({ id, code }) => /** @type {[string, unknown]} */ ([id, code])),
    ),
  ];
  return new Map(causes.map(([id, cause]) => [id, JSON.stringify(cause)]));
}

/**
 * @param {readonly string[]} one
 * @param {readonly string[]} other
 */
export function sameTags(one, other) {
  return [...one].sort().join("\n") === [...other].sort().join("\n");
}

/** @param {readonly string[][]} lists */
function together(...lists) {
  return [...new Set(lists.flat())].sort();
}
