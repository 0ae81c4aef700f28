import { amountText, mostOf, type Amount } from "../../fleet/amount.js";
import { parseIdPatterns } from "../../fleet/idPatterns.js";
import { inNaturalOrder } from "../../fleet/naturalOrder.js";
import { rolloutText, type Lane, type Rollout } from "../../fleet/rollout.js";
import { devices, idRanges, summarize, summaryLines } from "./summary.js";
import type { RowChange } from "./change.js";

/** Rows that are changed together. */
export interface Batch {
  readonly ids: readonly string[];
  /** The roll-out that it is of; `undefined` for rows of none. */
  readonly part: RolloutPart | undefined;
}

/** A roll-out with the rows that it changes in this run. */
export interface RolloutPart {
  readonly rollout: Rollout;
  /** Whether it names its devices, as that of a group does. */
  readonly isNamed: boolean;
  /** In the order of their change. */
  readonly ids: readonly string[];
}

/** A roll-out with the rows that it is for. */
export interface TableLane {
  readonly rollout: Rollout;
  /** Absent where it is for all rows that no other roll-out names. */
  readonly has?: (id: string) => boolean;
}

/**
 * The roll-outs of a table.
 * @param declared as they are declared now
 * @param former as they were declared last: a row that is no longer declared leaves by the roll-out that named it
 */
export function lanesOf(
  declared: readonly Lane[],
  former: readonly Lane[],
  isDeclared: (id: string) => boolean,
): readonly TableLane[] {
  const left = former.flatMap(({ rollout, ids }): TableLane[] => {
    if (ids === undefined) return [];
    const isNamed = parseIdPatterns(ids);
    return [{ rollout, has: (id) => !isDeclared(id) && isNamed(id) }];
  });
  const now = declared.map(({ rollout, ids }): TableLane => ({
    rollout,
    ...(ids === undefined ? {} : { has: parseIdPatterns(ids) }),
  }));
  return [...now, ...left];
}

/** The rows of a plan. */
export interface Rows {
  /** Rows that wait for nothing: what an interrupted run began is resumed before anything new, and what has no call can't fail. */
  readonly before: readonly string[];
  /** All others, in any order. */
  readonly rest: readonly string[];
}

/**
 * In which batches rows are changed: what comes before any roll-out; then one roll-out after the other, the first rows before the others;
 * at last the rows of none. Within a roll-out the order is that of the ids (`lab-9` before `lab-10`), whatever becomes of the rows. A row
 * belongs to the first roll-out that names it, or else to the first that names none.
 */
export function batchesOf({ before, rest }: Rows, lanes: readonly TableLane[]): readonly Batch[] {
  const others = lanes.findIndex(({ has }) => has === undefined);
  const laneOf = (id: string): number => {
    const found = lanes.findIndex(({ has }) => has?.(id) === true);
    return found < 0 ? others : found;
  };
  const byLane = new Map<number, string[]>();
  for (const id of rest) {
    const lane = laneOf(id);
    const ids = byLane.get(lane);
    if (ids === undefined) byLane.set(lane, [id]);
    else ids.push(id);
  }
  const rolled = lanes.flatMap(({ rollout, has }, lane) => {
    const part = { rollout, isNamed: has !== undefined, ids: (byLane.get(lane) ?? []).sort(inNaturalOrder) };
    return chunksOf(part).map((some): Batch => ({ ids: some, part }));
  });
  const free = byLane.get(NO_LANE) ?? [];
  // Without a roll-out all is one batch.
  if (rolled.length === 0) return [{ ids: [...before, ...free], part: undefined }];
  return [{ ids: before, part: undefined }, ...rolled, { ids: free, part: undefined }].filter(
    ({ ids }) => ids.length > 0,
  );
}

const NO_LANE = -1;

function chunksOf({ rollout, ids }: RolloutPart): (readonly string[])[] {
  if (ids.length === 0) return [];
  const first = countOf(rollout.first, ids.length);
  const chunks = [ids.slice(0, first)];
  const size = batchSize({ rollout, ids });
  for (let at = first; at < ids.length; at += size) chunks.push(ids.slice(at, at + size));
  return chunks;
}

function batchSize({ rollout: { batch }, ids }: Pick<RolloutPart, "rollout" | "ids">): number {
  return batch === undefined ? ids.length : countOf(batch, ids.length);
}

/** Rounded up: a share of a few rows is one of them. */
function countOf(amount: Amount, size: number): number {
  if (amount.kind === "count") return amount.count;
  return Math.max(1, Math.ceil((size * amount.percent) / 100));
}

/** How far a roll-out is. */
export interface Tally {
  readonly tried: number;
  readonly failed: number;
}

/** Whether so many have failed that the run ends. A share is one of those that were tried so far, so that a few first rows count too. */
export function mustStop({ stopAfter }: Rollout, { tried, failed }: Tally): boolean {
  return failed > mostOf(stopAfter, tried);
}

/** How the line of a roll-out begins. `nrfcloud-fleet` finds it in a preview by these words. */
export const ROLLOUT = "Roll-out";

/** What roll-outs do, one line each; empty where all rows change together. */
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

/** Of ids in a heading. */
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

/** That a roll-out stopped because the user asked for it, what is left, and how to go on. */
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

/** Why a roll-out stopped, what is left, and how to go on. */
export function stoppedText(part: RolloutPart, tally: Tally, rest: ReadonlyMap<string, RowChange>): string {
  const { rollout } = part;
  const more = { ...rollout, stopAfter: { kind: "count", count: tally.failed } } as const;
  return [
    `${heading(part)}: the run stopped, because ${tally.failed} of ${devices(tally.tried)} failed. stopAfter (${amountText(rollout.stopAfter)}) ` +
      `allows ${mostOf(rollout.stopAfter, tally.tried)}. ${notAttempted(rest)}`,
    "Correct the cause, then run again: the next run changes the rest. To go on in spite of these failures, run with " +
      `NRF_CLOUD_ROLLOUT=${rolloutText(more)}.`,
  ].join("\n");
}
