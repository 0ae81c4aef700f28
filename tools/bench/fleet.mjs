// The devices of a benchmark, and what is changed of them on the way.

/**
 * @typedef {{ first: number, count: number, tags: string[] }} Group  Devices that follow one another.
 * @typedef {{ devices: number, groups: Group[] }} Fleet
 * @typedef {"created" | "retagged" | "previewed"} Stage
 */

export const SUB_TYPE = "asset-tracker";
export const PREVIEWED = 5;

/** One device in a hundred is retagged. @param {number} devices */
export const retaggedOf = (devices) => Math.ceil(devices / 100);

/**
 * @param {number} devices
 * @param {Stage} stage
 * @returns {Fleet}
 */
export function fleetAt(devices, stage) {
  const retagged = retaggedOf(devices);
  const plain = ["bench"];
  return {
    devices,
    groups: [
      { first: 0, count: PREVIEWED, tags: stage === "previewed" ? ["bench", "previewed"] : plain },
      { first: PREVIEWED, count: retagged, tags: stage === "created" ? plain : ["bench", "retagged"] },
      { first: PREVIEWED + retagged, count: devices - PREVIEWED - retagged, tags: plain },
    ],
  };
}

/**
 * @param {number} index
 * @param {number} devices  How many there are: all ids are of one length.
 */
export function idOf(index, devices) {
  return `bench-${String(index).padStart(String(devices - 1).length, "0")}`;
}

/**
 * The tags of each device, by id.
 * @param {Fleet} fleet
 * @returns {Map<string, string[]>}
 */
export function tagsById({ devices, groups }) {
  return new Map(
    groups.flatMap(({ first, count, tags }) =>
      Array.from(
        { length: count },
        (_, index) => /** @type {const} */ ([idOf(first + index, devices), tags]),
      ),
    ),
  );
}

/**
 * The fleet file, with a CA that is generated for it.
 * @param {Fleet} fleet
 */
export function fleetFile({ devices, groups }) {
  const width = String(devices - 1).length;
  const number = (/** @type {number} */ index) => String(index).padStart(width, "0");
  const written = groups.map(
    ({ first, count, tags }, index) => `  group-${index}:
    ids: bench-{${number(first)}..${number(first + count - 1)}}
    subType: ${SUB_TYPE}
    tags: [${tags.join(", ")}]
    firmwareTypes: [APP, MODEM]
`,
  );
  return `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca:
  subject: { commonName: Benchmark CA }
groups:
${written.join("")}`;
}
