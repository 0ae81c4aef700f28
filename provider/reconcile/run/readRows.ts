import type { ClaimedDevice, CloudDevice } from "../../cloud/answers.js";
import { fetchClaimedDevice, findClaimedDevices } from "../../cloud/claimedDevices.js";
import { fetchDevice, findDevices } from "../../cloud/devices.js";
import { findShadows, shadowOf } from "../../cloud/shadow.js";
import type { Cloud } from "../../lifecycle/session/session.js";
import { visibilityOf } from "../../cloud/visibility.js";
import type { Way } from "../table/row.js";
import type { Seen } from "../plan/situation.js";

export interface RowToRead {
  readonly id: string;
  readonly way: Way;
  /** What the state expects. A list may lag behind, so a device that differs from it is read by its id. */
  readonly expected: "present" | "absent";
  /** Whether to read the shadow too. */
  readonly withShadow: boolean;
}

/** The most unexpected devices that are read by their ids. */
const FEW = 20;

/** Reads rows in the account by list calls. Only unexpected results are read again one by one. */
export async function readRows(
  cloud: Cloud,
  sought: readonly RowToRead[],
): Promise<ReadonlyMap<string, Seen>> {
  const claims = sought.filter(({ way }) => way === "attestation");
  const devices = sought.filter(({ way }) => way !== "attestation");
  const readDevices = (rows: readonly RowToRead[], withState: boolean) =>
    readWith(rows, {
      list: (ids) => findDevices(cloud.transport, ids, { withState }),
      fetch: (id) => fetchDevice(cloud.transport, id),
      read: seenDevice,
    });
  const configured = claims.filter(({ withShadow }) => withShadow).map(({ id }) => id);
  const [plainDevices, configuredDevices, seenClaims, shadows] = await Promise.all([
    readDevices(
      devices.filter(({ withShadow }) => !withShadow),
      false,
    ),
    readDevices(
      devices.filter(({ withShadow }) => withShadow),
      true,
    ),
    claims.length === 0
      ? new Map<string, Seen>()
      : readWith(claims, {
          list: (ids) => findClaimedDevices(cloud.identity(), ids),
          fetch: (id) => fetchClaimedDevice(cloud.identity(), id),
          read: seenClaim,
        }),
    findShadows(cloud.transport, configured),
  ]);
  const limited = visibilityOf(cloud.account) !== "all";
  const expected = new Set(sought.filter((each) => each.expected === "present").map(({ id }) => id));
  const seen = new Map<string, Seen>();
  for (const [id, each] of [...plainDevices, ...configuredDevices, ...seenClaims])
    seen.set(id, each.kind === "absent" && limited && expected.has(id) ? { kind: "hidden" } : each);
  // A claimed device has a shadow once nRF Cloud has onboarded it.
  for (const id of configured) {
    const claim = seen.get(id);
    const shadow = shadows.get(id);
    if (claim?.kind !== "present") continue;
    seen.set(id, {
      ...claim,
      shadow: shadow === undefined ? { kind: "not yet" } : { kind: "read", desired: shadow.desired },
    });
  }
  return seen;
}

interface Reader<Found> {
  readonly list: (ids: readonly string[]) => Promise<ReadonlyMap<string, Found>>;
  readonly fetch: (id: string) => Promise<Found | undefined>;
  readonly read: (found: Found) => Seen;
}

async function readWith<Found>(
  sought: readonly RowToRead[],
  { list, fetch, read }: Reader<Found>,
): Promise<Map<string, Seen>> {
  const found = new Map(sought.length === 0 ? [] : await list(sought.map(({ id }) => id)));
  const missing = sought.filter(({ id, expected }) => expected === "present" && !found.has(id));
  const unexpected = sought.filter(({ id, expected }) => expected === "absent" && found.has(id));
  const uncertain = [...missing, ...(unexpected.length <= FEW ? unexpected : [])];
  await Promise.all(
    uncertain.map(async ({ id }) => {
      const one = await fetch(id);
      if (one === undefined) found.delete(id);
      else found.set(id, one);
    }),
  );
  return new Map(
    sought.map(({ id }): [string, Seen] => {
      const one = found.get(id);
      return [id, one === undefined ? { kind: "absent" } : read(one)];
    }),
  );
}

/** A device in the form that is compared. nRF Cloud gives a device without a name its id as name. */
export function seenDevice(device: CloudDevice): Seen {
  const { id, name, subType, tags = [], $meta } = device;
  const shadow = shadowOf(device);
  return {
    kind: "present",
    name: name === id ? undefined : name,
    subType,
    tags,
    createdAt: $meta?.createdAt,
    ...(shadow === undefined ? {} : { shadow: { kind: "read", desired: shadow.desired } }),
  };
}

/** A claim in the form that is compared. */
export function seenClaim({ tags = [], claimedAt }: ClaimedDevice): Seen {
  return { kind: "present", name: undefined, subType: undefined, tags, createdAt: claimedAt };
}
