import type { Amount } from "../../../fleet/amount.js";
import { groupBy } from "../../../fleet/groupBy.js";
import { inNaturalOrder } from "../../../fleet/naturalOrder.js";
import type { Rollout } from "../../../fleet/rollout.js";
import type { TableLane } from "./lanes.js";

export interface Batch {
  readonly ids: readonly string[];
  /** `undefined`: the rows are in no roll-out. */
  readonly part: RolloutPart | undefined;
}

/** A roll-out with the rows of it that change in this run. */
export interface RolloutPart {
  readonly rollout: Rollout;
  /** Whether it names its devices, as the roll-out of a group does. */
  readonly isNamed: boolean;
  /** In the order of their change. */
  readonly ids: readonly string[];
}

/** The rows of a plan. */
export interface Rows {
  /** Rows that change before any roll-out: those of an interrupted run, and those without calls, which can't fail. */
  readonly before: readonly string[];
  /** All others, in any order. */
  readonly rest: readonly string[];
}

/**
 * The batches of a plan in their order: rows that change before any roll-out; each roll-out with its first rows, then its batches; rows that
 * are in no roll-out. The ids give the order within a roll-out (`lab-9` before `lab-10`). A row belongs to the first roll-out that names it, or
 * else to the first that names no devices.
 */
export function batchesOf({ before, rest }: Rows, lanes: readonly TableLane[]): readonly Batch[] {
  const others = lanes.findIndex(({ has }) => has === undefined);
  const laneOf = (id: string): number => {
    const found = lanes.findIndex(({ has }) => has?.(id) === true);
    return found < 0 ? others : found;
  };
  const byLane = groupBy(rest, laneOf);
  const rolled = lanes.flatMap(({ rollout, has }, lane) => {
    const part = { rollout, isNamed: has !== undefined, ids: (byLane.get(lane) ?? []).sort(inNaturalOrder) };
    return chunksOf(part).map((some): Batch => ({ ids: some, part }));
  });
  const free = byLane.get(NO_LANE) ?? [];
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

/** A share of a few rows is at least one row. */
export function countOf(amount: Amount, size: number): number {
  if (amount.kind === "count") return amount.count;
  return Math.max(1, Math.ceil((size * amount.percent) / 100));
}
