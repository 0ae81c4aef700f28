import { number, table } from "../bench/table.mjs";

/**
 * @param {import("./options.mjs").Options} options
 * @param {readonly import("./life.mjs").Round[]} rounds
 * @returns {string}
 */
export function report({ stacks, devices, atOnce }, rounds) {
  const megabytes = (/** @type {number} */ bytes) => (bytes === 0 ? "–" : number(bytes / 1e6));
  const rows = rounds.map(({ operation, seconds, each, calls, peaks, stateBytes }) => [
    operation,
    number(seconds),
    number(Math.min(...each)),
    number(Math.max(...each)),
    number(calls),
    megabytes(peaks.driver),
    megabytes(peaks.provider),
    megabytes(peaks.cli),
    megabytes(peaks.together),
    operation === "destroy" ? "–" : number(stateBytes / stacks / devices),
  ]);
  const heading = [
    "",
    "seconds",
    "fastest stack",
    "slowest",
    "HTTP calls",
    "driver MB",
    "provider MB",
    "CLI MB",
    "all MB",
    "state B/device",
  ];
  return `\n${number(stacks)} stacks of ${number(devices)} devices, ${number(atOnce)} at once\n\n${table([heading, ...rows])}`;
}
