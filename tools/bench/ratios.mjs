// What holds on any machine, where seconds do not: how one run compares with another of the same session.

/**
 * @typedef {import("./life.mjs").Life} Life
 * @typedef {import("./life.mjs").Operation} Operation
 *
 * @typedef {object} Ratio  Each as a multiple of the other run's.
 * @property {Operation} operation
 * @property {number} seconds
 * @property {number} secondsPerDevice
 * @property {number} calls
 * @property {number} callsPerDevice
 *
 * @typedef {{ title: string, ratios: Ratio[] }} Comparison
 */

/**
 * Default settings against those for large fleets at the same size, and large fleets against the smallest.
 * @param {Life[]} lives
 * @returns {Comparison[]}
 */
export function comparisons(lives) {
  const fleet = lives.filter(({ settings }) => settings.name === "fleet");
  const [smallest] = fleet;
  return [
    ...lives.flatMap((life) => {
      if (life.settings.name !== "default") return [];
      const base = fleet.find(({ devices }) => devices === life.devices);
      const title = `${count(life.devices)} devices: default settings / settings for large fleets`;
      return base === undefined ? [] : [{ title, ratios: ratiosOf(life, base) }];
    }),
    ...fleet.flatMap((life) => {
      if (smallest === undefined || life === smallest) return [];
      const title = `Settings for large fleets: ${count(life.devices)} devices / ${count(smallest.devices)} devices`;
      return [{ title, ratios: ratiosOf(life, smallest) }];
    }),
  ];
}

/**
 * @param {Life} life
 * @param {Life} base
 * @returns {Ratio[]}
 */
function ratiosOf(life, base) {
  const perDevice = base.devices / life.devices;
  return life.measured.flatMap(({ operation, seconds, http }) => {
    const other = base.measured.find((each) => each.operation === operation);
    if (other === undefined) return [];
    const slower = seconds / other.seconds;
    const calls = http.total / other.http.total;
    return [
      {
        operation,
        seconds: slower,
        secondsPerDevice: slower * perDevice,
        calls,
        callsPerDevice: calls * perDevice,
      },
    ];
  });
}

/** @param {number} devices */
const count = (devices) => devices.toLocaleString("en");
