import type { Amount } from "../../../fleet/amount.js";
import { inNaturalOrder } from "../../../fleet/naturalOrder.js";
import type { Rollout } from "../../../fleet/rollout.js";
import type { TableLane } from "./lanes.js";

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

export function batchSize({ rollout: { batch }, ids }: Pick<RolloutPart, "rollout" | "ids">): number {
  return batch === undefined ? ids.length : countOf(batch, ids.length);
}

/** Rounded up: a share of a few rows is one of them. */
export function countOf(amount: Amount, size: number): number {
  if (amount.kind === "count") return amount.count;
  return Math.max(1, Math.ceil((size * amount.percent) / 100));
}
