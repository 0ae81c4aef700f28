// Ratios between runs of one session. Unlike seconds, they are comparable between machines.

/**
 * @typedef {import("./life.mjs").Life} Life
 * @typedef {{ operation: import("./life.mjs").Operation, seconds: number, cpu: number | undefined, calls: number }} Ratio
 *   Each as a multiple of the other run's; `cpu`: of all processes together.
 * @typedef {{ title: string, ratios: Ratio[] }} Comparison
 */

/**
 * Ours against the engine's floor at each size, and large fleets against the smallest.
 * @param {Life[]} lives
 * @returns {Comparison[]}
 */
export function comparisons(lives) {
  const fleets = lives.filter(({ project }) => project === "ours");
  const [smallest] = fleets;
  return fleets.flatMap((life) => {
    const size = life.devices.toLocaleString("en");
    const floor = lives.find(({ project, devices }) => project === "floor" && devices === life.devices);
    return [
      ...(floor === undefined
        ? []
        : [{ title: `${size} devices: ours / the engine's floor`, ratios: ratiosOf(life, floor) }]),
      ...(smallest === undefined || smallest === life
        ? []
        : [
            {
              title: `${size} devices / ${smallest.devices.toLocaleString("en")} devices`,
              ratios: ratiosOf(life, smallest),
            },
          ]),
    ];
  });
}

/**
 * @param {Life} life
 * @param {Life} base
 * @returns {Ratio[]}
 */
function ratiosOf(life, base) {
  return life.measured.flatMap((one) => {
    const other = base.measured.find(({ operation }) => operation === one.operation);
    if (other === undefined) return [];
    const [cpu, otherCpu] = [cpuSeconds(one), cpuSeconds(other)];
    return [
      {
        operation: one.operation,
        seconds: one.seconds / other.seconds,
        cpu: cpu === undefined || otherCpu === undefined ? undefined : cpu / otherCpu,
        calls: one.http.total / other.http.total,
      },
    ];
  });
}

/**
 * Of all processes together; `undefined` where the system does not tell.
 * @param {import("./life.mjs").Measured} measured
 */
export function cpuSeconds({ processes }) {
  const all = Object.values(processes);
  return all.length === 0 ? undefined : all.reduce((sum, { cpuSeconds: each }) => sum + each, 0);
}
