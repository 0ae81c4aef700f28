import { amountText, resolveAmount } from "../../../fleet/amount.js";
import { type Rollout, rolloutText } from "../../../fleet/rollout.js";
import type { RowChange } from "../change.js";
import { devices, idRanges } from "../summary/ids.js";
import { summarize, summaryLines } from "../summary/summary.js";
import { type Batch, batchSize, countOf, type RolloutPart } from "./batches.js";
import type { Tally } from "./tally.js";

/** The beginning of the line of a roll-out. `nrfcloud-fleet` recognizes the line in a preview by it. */
export const ROLLOUT = "Roll-out";

/** One line for each roll-out; none where all rows change together. */
export function rolloutLines(batches: readonly Batch[]): string[] {
  const parts = new Set(batches.flatMap(({ part }) => part ?? []));
  if (parts.size === 0) return [];
  const last = batches.at(-1);
  return [
    ...[...parts].map((part) => `${heading(part)}: ${orderText(part)}; ${stopText(part.rollout)}.`),
    ...(last?.part === undefined ? [lastText(last?.ids ?? [])] : []),
  ];
}

function lastText(ids: readonly string[]): string {
  const change = ids.length === 1 ? "is in none, and changes" : "are in none, and change";
  return `${ROLLOUT}: ${devices(ids.length)} ${change} last: ${idRanges(ids)}.`;
}

function heading({ isNamed, ids }: RolloutPart): string {
  return isNamed ? `${ROLLOUT} of ${idRanges(ids, MOST_CHARACTERS)}` : ROLLOUT;
}

/** The most characters of ids in a heading. */
const MOST_CHARACTERS = 200;

function orderText(part: RolloutPart): string {
  const [first, size, all] = [countOf(part.rollout.first, part.ids.length), batchSize(part), part.ids.length];
  if (first >= all) return `changes all ${devices(all)} together`;
  const then = size >= all - first ? "all others" : `${size.toLocaleString("en")} at a time`;
  return `changes ${devices(first)} first, then ${then}`;
}

function stopText({ stopAfter }: Rollout): string {
  const isAny = stopAfter.kind === "count" && stopAfter.count === 0;
  if (isAny) return "stops when any fails";
  return `stops when more than ${stopAfter.kind === "count" ? stopAfter.count : `${stopAfter.percent} %`} fail`;
}

/** The message of a roll-out that the user has interrupted: what was not attempted, and the remedy. */
export function interruptedText(rest: ReadonlyMap<string, RowChange>): string {
  return [
    `${ROLLOUT}: the run stopped between two batches, because it was interrupted. ${notAttempted(rest)}`,
    "Run again: the next run changes the rest.",
  ].join("\n");
}

function notAttempted(rest: ReadonlyMap<string, RowChange>): string {
  return [
    `${devices(rest.size)} ${rest.size === 1 ? "was" : "were"} not attempted:`,
    ...summaryLines(summarize(rest)).map((line) => `  ${line}`),
  ].join("\n");
}

/** The message of a roll-out that stopped after failures: the cause, what was not attempted, and the remedy. */
export function stoppedText(part: RolloutPart, tally: Tally, rest: ReadonlyMap<string, RowChange>): string {
  const { rollout } = part;
  const more = { ...rollout, stopAfter: { kind: "count", count: tally.failed } } as const;
  return [
    `${heading(part)}: the run stopped, because ${tally.failed} of ${devices(tally.tried)} failed. stopAfter (${amountText(rollout.stopAfter)}) ` +
      `allows ${resolveAmount(rollout.stopAfter, tally.tried)}. ${notAttempted(rest)}`,
    "Correct the cause, then run again: the next run changes the rest. To go on in spite of these failures, run with " +
      `NRF_CLOUD_ROLLOUT=${rolloutText(more)}.`,
  ].join("\n");
}
