import { findClaimedDevices, fetchClaimedDevice } from "../../cloud/claimedDevices.js";
import { fetchDevice, findDevices } from "../../cloud/devices.js";
import type { Clock } from "../../engine/clock.js";
import { poll } from "../../engine/poll.js";
import type { Cloud } from "../../lifecycle/session/session.js";
import { seenClaim, seenDevice } from "./readRows.js";
import type { Seen } from "../plan/situation.js";

/** Devices or claims that are to become as a change left them. */
export interface Watched {
  readonly ids: readonly string[];
  readonly isClaim: boolean;
  /** Whether their shadows are read too. */
  readonly withShadow?: boolean;
  readonly expects: "present" | "absent";
  /** Whether one is as it should be. */
  readonly until: (id: string, seen: (Seen & { kind: "present" }) | undefined) => boolean;
}

/** Time between two reads, at first and at most (milliseconds). */
const FIRST_MS = 200;
const SLOWEST_MS = 3_000;

/**
 * Watches until the account shows what nRF Cloud has accepted, by list calls for all that is left. What is to be gone is only believed
 * to be there when its own answer says so.
 *
 * @returns the ids that did not get there in time
 */
export async function watch(
  { cloud, clock }: { readonly cloud: Cloud; readonly clock: Clock },
  { ids, isClaim, withShadow = false, expects, until }: Watched,
): Promise<ReadonlySet<string>> {
  let left = ids;
  const list = async (some: readonly string[]): Promise<ReadonlyMap<string, Seen>> => {
    if (some.length === 0) return new Map();
    return isClaim
      ? read(await findClaimedDevices(cloud.identity(), some), seenClaim)
      : read(await findDevices(cloud.transport, some, { withState: withShadow }), seenDevice);
  };
  await poll({
    read: async () => {
      const found = await list(left);
      left = left.filter((id) => !until(id, present(found.get(id))));
      return left.length;
    },
    until: (count) => count === 0,
    everyMs: { first: FIRST_MS, slowest: SLOWEST_MS },
    withinMs: cloud.deadlines.readbackMs,
    clock,
  });
  if (expects === "present") return new Set(left);
  const still = await Promise.all(
    left.map(async (id) => {
      const one = isClaim
        ? await fetchClaimedDevice(cloud.identity(), id)
        : await fetchDevice(cloud.transport, id);
      return one === undefined ? [] : [id];
    }),
  );
  return new Set(still.flat());
}

function present(seen: Seen | undefined): (Seen & { kind: "present" }) | undefined {
  return seen?.kind === "present" ? seen : undefined;
}

function read<Found>(found: ReadonlyMap<string, Found>, as: (one: Found) => Seen): ReadonlyMap<string, Seen> {
  return new Map([...found].map(([id, one]) => [id, as(one)]));
}
