// Runs and campaigns, for people to read.

import { number, table } from "../bench/table.mjs";

const TAIL = 3000;

/** @typedef {import("./run.mjs").Result} Result */

/**
 * A run in one line.
 * @param {Result} result
 */
export function runLine({ seed, plan, operated, judgement, seconds, givenUp }) {
  const { fired, stops, troubles } = operated;
  const { verdicts, secondTimes } = judgement;
  const { groups, program, jitp, claims } = plan.declared;
  const size = [...groups, ...jitp].reduce((sum, { devices }) => sum + devices.length, program.length);
  const claimed = claims.reduce((sum, { uuids }) => sum + uuids.length, 0);
  const faults = fired.reduce((sum, each) => sum + each.fired, 0);
  return [
    `seed ${seed}`,
    verdicts.length === 0 ? "ok" : "FAILED",
    `${number(seconds)} s`,
    `${size} devices${claimed > 0 ? ` + ${claimed} claims` : ""}`,
    plan.operations
      .map(({ command, stop }) => (stop === undefined ? command : `${command} (${stop.how})`))
      .join(" > "),
    `${faults} faults`,
    ...(Object.keys(stops).length > 0 ? [`stopped ${sum(stops)}`] : []),
    ...(Object.keys(troubles).length > 0 ? [Object.keys(troubles).join(", ")] : []),
    ...(givenUp > 0 ? [`given up ${givenUp}`] : []),
    ...(secondTimes.length > 0 ? ["a second time"] : []),
  ].join("  ");
}

/**
 * What somebody needs to understand a failed run.
 * @param {Result} result
 */
export function failureReport({ seed, plan, operated, judgement, folder }) {
  const { verdicts, secondTimes } = judgement;
  const outputs = new Set(verdicts.flatMap(({ output }) => output ?? []));
  return [
    `Seed ${seed} failed. Again: npm run chaos -- --only ${seed} --keep`,
    `  everything of it: ${String(folder)}`,
    "  operations:",
    ...operated.operations.map((operation) => `    ${operation}`),
    ...secondTimes.map((why) => `    a second time, because ${why}`),
    "  faults:",
    ...plan.faults.rules.map((rule) => `    ${JSON.stringify(rule)}`),
    "  does not hold:",
    ...verdicts.map(({ check, problem }) => `    ${check}: ${problem}`),
    ...[...outputs].map((output) => indented(output.trim().slice(-TAIL))),
  ].join("\n");
}

/**
 * The figures of a campaign.
 * @param {readonly Result[]} results
 * @param {number} seconds  That it took.
 */
export function figures(results, seconds) {
  const failed = results.filter(({ judgement }) => judgement.verdicts.length > 0);
  const second = results.filter(({ judgement }) => judgement.secondTimes.length > 0);
  const doubts = results.reduce((all, { judgement }) => all + judgement.doubts.length, 0);
  /** @type {Record<string, number>} */
  const operations = {};
  /** @type {Record<string, number>} */
  const faults = {};
  /** @type {Record<string, number>} */
  const stops = {};
  /** @type {Record<string, number>} */
  const troubles = {};
  /** @type {Record<string, number>} */
  const broken = {};
  for (const result of results) {
    for (const { command, change } of result.plan.operations) {
      count(operations, command);
      if (change !== undefined) count(operations, "of these with a change");
    }
    for (const { kind, fired } of result.operated.fired) count(faults, kind, fired);
    for (const [how, times] of Object.entries(result.operated.stops)) count(stops, how, times);
    for (const [what, times] of Object.entries(result.operated.troubles)) count(troubles, what, times);
    for (const check of new Set(result.judgement.verdicts.map((verdict) => verdict.check)))
      count(broken, check);
  }
  return [
    `${results.length} runs in ${number(seconds)} s, ${results.length - failed.length} good, ${failed.length} failed` +
      (failed.length > 0 ? ` (seeds ${failed.map(({ seed }) => seed).join(" ")})` : ""),
    counted("operations", operations),
    counted("stopped while they ran", stops),
    counted("other troubles", troubles),
    counted("faults that fired", faults),
    table([
      ["otherwise", "times"],
      ["a command given up because it took too long", number(total(results, "givenUp"))],
      ["a lock that `pulumi cancel` had to remove", number(total(results, "cancels"))],
      ["a state that could not be read after a kill, and was mended", number(total(results, "repairs"))],
      ["keys in whose place others were asked for", number(total(results, "replacedKeys"))],
      ["devices left alone, because nothing proved whose they are", number(doubts)],
      ["runs in which up or destroy was needed a second time", number(second.length)],
    ]),
    ...second.flatMap(({ seed, judgement }) => judgement.secondTimes.map((why) => `  seed ${seed}: ${why}`)),
    ...(failed.length > 0 ? [counted("does not hold", broken)] : []),
  ].join("\n\n");
}

/**
 * @param {readonly Result[]} results
 * @param {"givenUp" | "cancels" | "repairs" | "replacedKeys"} what
 */
function total(results, what) {
  return results.reduce((all, result) => all + result[what], 0);
}

/**
 * @param {string} heading
 * @param {Readonly<Record<string, number>>} counts
 */
function counted(heading, counts) {
  return table([[heading, "times"], ...Object.entries(counts).map(([name, times]) => [name, number(times)])]);
}

/**
 * @param {Record<string, number>} counts
 * @param {string} name
 * @param {number} [times]
 */
function count(counts, name, times = 1) {
  counts[name] = (counts[name] ?? 0) + times;
}

/** @param {Readonly<Record<string, number>>} counts */
function sum(counts) {
  return Object.values(counts).reduce((all, each) => all + each, 0);
}

/** @param {string} text */
function indented(text) {
  return text.replaceAll(/^/gm, "    | ");
}
