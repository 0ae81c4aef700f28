import { findClaimedDevices, fetchClaimedDevice } from "../../cloud/claimedDevices.js";
import { fetchDevice, findDevices } from "../../cloud/devices.js";
import type { Clock } from "../../engine/clock.js";
import { poll } from "../../engine/poll.js";
import type { Cloud } from "../../lifecycle/session/session.js";
import { seenClaim, seenDevice } from "./readRows.js";
import type { Seen } from "../plan/situation.js";

/** Devices or claims that a run has changed. */
export interface Watched {
  readonly ids: readonly string[];
  readonly isClaim: boolean;
  /** Whether to read their shadows too. */
  readonly withShadow?: boolean;
  readonly expects: "present" | "absent";
  /** Whether the account shows the change. */
  readonly until: (id: string, seen: (Seen & { kind: "present" }) | undefined) => boolean;
}

/** The first and the longest time between two reads (milliseconds). */
const FIRST_MS = 200;
const SLOWEST_MS = 3_000;

/**
 * Waits by list calls until the account shows a change that nRF Cloud has accepted. A list may still show a deleted device, so in the end that
 * is read by its id.
 * @returns the ids for which the account did not show the change in time
 */
export async function watch(
  { cloud, clock }: { readonly cloud: Cloud; readonly clock: Clock },
  { ids, isClaim, withShadow = false, expects, until }: Watched,
): Promise<ReadonlySet<string>> {
  let pending = ids;
  const list = async (some: readonly string[]): Promise<ReadonlyMap<string, Seen>> => {
    if (some.length === 0) return new Map();
    return isClaim
      ? read(await findClaimedDevices(cloud.identity(), some), seenClaim)
      : read(await findDevices(cloud.transport, some, { withState: withShadow }), seenDevice);
  };
  await poll({
    read: async () => {
      const found = await list(pending);
      pending = pending.filter((id) => !until(id, present(found.get(id))));
      return pending.length;
    },
    until: (count) => count === 0,
    everyMs: { first: FIRST_MS, slowest: SLOWEST_MS },
    withinMs: cloud.deadlines.readbackMs,
    clock,
  });
  if (expects === "present") return new Set(pending);
  const still = await Promise.all(
    pending.map(async (id) => {
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
