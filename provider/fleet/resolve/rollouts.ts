/** Resolves the roll-outs of a fleet and its groups. */
import { isRecord } from "../data.js";
import type { Fleet } from "../fleet.js";
import { foldIds } from "../foldIds.js";
import { readRollout, RolloutError, type TargetedRollout, type Rollout } from "../rollout.js";

/** The roll-outs of groups in the order of the definition, then that of the fleet. */
export function resolveRollouts(
  root: Readonly<Record<string, unknown>>,
  { devices, jitp, claims }: Pick<Fleet, "devices" | "jitp" | "claims">,
): readonly TargetedRollout[] {
  const members = {
    groups: idsByGroup(devices.map(({ group, deviceId }) => [group, deviceId])),
    jitp: idsByGroup(jitp.map(({ group, deviceId }) => [group, deviceId])),
    claims: idsByGroup(claims.map(({ group, uuid }) => [group, uuid])),
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

function idsByGroup(devices: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> {
  const byGroup = new Map<string, string[]>();
  for (const [group, id] of devices) {
    const ids = byGroup.get(group);
    if (ids === undefined) byGroup.set(group, [id]);
    else ids.push(id);
  }
  return byGroup;
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
