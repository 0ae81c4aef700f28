import { parseIdPatterns } from "../../../fleet/idPatterns.js";
import type { TargetedRollout, Rollout } from "../../../fleet/rollout.js";

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
  declared: readonly TargetedRollout[],
  former: readonly TargetedRollout[],
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
