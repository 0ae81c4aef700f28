/** Resolves the roll-outs of a fleet and its groups. */
import { isRecord } from "../data.js";
import type { Fleet } from "../fleet.js";
import { foldIds } from "../foldIds.js";
import { groupPairs } from "../groupBy.js";
import { readRollout, RolloutError, type TargetedRollout, type Rollout } from "../rollout.js";

/** The roll-outs of groups in the order of the definition, then that of the fleet. */
export function resolveRollouts(
  root: Readonly<Record<string, unknown>>,
  { devices, jitp, claims }: Pick<Fleet, "devices" | "jitp" | "claims">,
): readonly TargetedRollout[] {
  const members = {
    groups: groupPairs(devices.map(({ group, deviceId }) => [group, deviceId])),
    jitp: groupPairs(jitp.map(({ group, deviceId }) => [group, deviceId])),
    claims: groupPairs(claims.map(({ group, uuid }) => [group, uuid])),
  } as const;
  const groupRollouts = (["groups", "jitp", "claims"] as const).flatMap((kind) => {
    const groups = root[kind];
    return Object.entries(isRecord(groups) ? groups : {}).flatMap(([name, definition]): TargetedRollout[] => {
      const rollout = isRecord(definition) ? read(definition.rollout) : undefined;
      if (rollout === undefined) return [];
      const ids = members[kind].get(name);
      return ids === undefined ? [] : [{ rollout, ids: foldIds(ids).join(", ") }];
    });
  });
  const fleetRollout = read(root.rollout);
  return fleetRollout === undefined ? groupRollouts : [...groupRollouts, { rollout: fleetRollout }];
}

/** The schema has reported invalid roll-outs. */
function read(value: unknown): Rollout | undefined {
  if (value === undefined) return undefined;
  try {
    return readRollout(value);
  } catch (thrown) {
    if (thrown instanceof RolloutError) return undefined;
    throw thrown;
  }
}
