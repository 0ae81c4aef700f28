// What was measured, as tables for people.

import { number, table } from "./table.mjs";

/** Routes of nRF Cloud's API that do the work of many devices at once. */
const BULK_JOBS = ["POST /v1/devices", "POST /v1/devices/certificates"];
const LIST_PAGES = "GET /v1/devices";

/**
 * @param {import("./life.mjs").Life} life
 * @returns {string}
 */
export function lifeReport({ devices, settings, measured }) {
  const totals = table([
    [
      "",
      "seconds",
      "ms/device",
      "HTTP calls",
      "bulk jobs",
      "list pages",
      "state B/device",
      "gzip B/device",
      "provider MB",
    ],
    ...measured.map(({ operation, seconds, http, state, providerPeakBytes }) => [
      operation,
      number(seconds),
      number((1000 * seconds) / devices),
      number(http.total),
      number(BULK_JOBS.reduce((sum, route) => sum + (http.routes[route] ?? 0), 0)),
      number(http.routes[LIST_PAGES] ?? 0),
      number(state && state.plain / devices),
      number(state && state.gzip / devices),
      number(providerPeakBytes && providerPeakBytes / 1e6),
    ]),
  ]);
  const routes = [...new Set(measured.flatMap(({ http }) => Object.keys(http.routes)))].sort();
  const byRoute = table([
    ["HTTP calls by route", ...measured.map(({ operation }) => operation)],
    ...routes.map((route) => [route, ...measured.map(({ http }) => number(http.routes[route] ?? 0))]),
  ]);
  return `\n${number(devices)} devices, ${settings.title}\n\n${totals}\n\n${byRoute}`;
}

/**
 * @param {import("./ratios.mjs").Comparison} comparison
 * @returns {string}
 */
export function comparisonReport({ title, ratios }) {
  const rows = ratios.map((ratio) => [
    ratio.operation,
    ...[ratio.seconds, ratio.secondsPerDevice, ratio.calls, ratio.callsPerDevice].map(
      (value) => `${number(value)}x`,
    ),
  ]);
  return `\n${title}\n\n${table([["", "seconds", "seconds/device", "HTTP calls", "calls/device"], ...rows])}`;
}
