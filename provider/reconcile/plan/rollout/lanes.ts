import { parseIdPatterns } from "../../../fleet/idPatterns.js";
import type { TargetedRollout, Rollout } from "../../../fleet/rollout.js";

/** A roll-out, and which rows it applies to. */
export interface TableLane {
  readonly rollout: Rollout;
  /** Absent: it applies to all rows that no other roll-out names. */
  readonly has?: (id: string) => boolean;
}

/**
 * The roll-outs of a table.
 * @param former the recorded roll-outs: a row that is not declared any more is removed by the roll-out that named it
 */
export function lanesOf(
  declared: readonly TargetedRollout[],
  former: readonly TargetedRollout[],
  isDeclared: (id: string) => boolean,
): readonly TableLane[] {
  const removed = former.flatMap(({ rollout, ids }): TableLane[] => {
    if (ids === undefined) return [];
    const isNamed = parseIdPatterns(ids);
    return [{ rollout, has: (id) => !isDeclared(id) && isNamed(id) }];
  });
  const now = declared.map(({ rollout, ids }): TableLane => ({
    rollout,
    ...(ids === undefined ? {} : { has: parseIdPatterns(ids) }),
  }));
  return [...now, ...removed];
}
