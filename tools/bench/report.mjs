// The measurements as tables for people.

import { cpuSeconds } from "./ratios.mjs";
import { number, table } from "./table.mjs";

const TITLES = { ours: "one DeviceSet", floor: "the engine's floor: an empty resource of the same size" };

/**
 * @param {import("./life.mjs").Life} life
 * @returns {string}
 */
export function lifeReport({ devices, project, measured }) {
  const megabytes = (/** @type {{ peakBytes: number } | undefined} */ usage) =>
    number(usage && usage.peakBytes / 1e6);
  const totals = table([
    ["", "seconds", "CPU seconds", "HTTP calls", "provider MB", "program MB", "CLI MB", "state B/device"],
    ...measured.map((one) => [
      one.operation,
      number(one.seconds),
      number(cpuSeconds(one)),
      number(one.http.total),
      megabytes(one.processes.provider),
      megabytes(one.processes.program),
      megabytes(one.processes.cli),
      one.operation === "destroy" ? "–" : number(one.stateBytes / devices),
    ]),
  ]);
  const heading = `\n${number(devices)} devices, ${TITLES[project]}\n\n${totals}`;
  const routes = [...new Set(measured.flatMap(({ http }) => Object.keys(http.routes)))].sort();
  if (routes.length === 0) return heading;
  const byRoute = table([
    ["HTTP calls by route", ...measured.map(({ operation }) => operation)],
    ...routes.map((route) => [route, ...measured.map(({ http }) => number(http.routes[route] ?? 0))]),
  ]);
  return `${heading}\n\n${byRoute}`;
}

/**
 * @param {import("./ratios.mjs").Comparison} comparison
 * @returns {string}
 */
export function comparisonReport({ title, ratios }) {
  const times = (/** @type {number | undefined} */ value) =>
    value === undefined || !Number.isFinite(value) ? "–" : `${number(value)}x`;
  const rows = ratios.map(({ operation, seconds, cpu, calls }) => [
    operation,
    times(seconds),
    times(cpu),
    times(calls),
  ]);
  return `\n${title}\n\n${table([["", "seconds", "CPU seconds", "HTTP calls"], ...rows])}`;
}
