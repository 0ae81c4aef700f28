import type { Account, ClaimedDevice, CloudDevice } from "../../provider/cloud/answers.js";
import { findClaimedDevices, listClaimedDevices } from "../../provider/cloud/claimedDevices.js";
import { findDevices, listDevices, type DeviceFilter } from "../../provider/cloud/devices.js";
import { CloudError } from "../../provider/cloud/errors.js";
import { deviceUuidPattern } from "../../provider/fleet/rules.js";
import type { Transport } from "../../provider/cloud/transport.js";
import type { Connection } from "../cloud.js";

/** Which devices of the account are wanted; what is absent or empty lets all pass. */
export interface Wanted extends DeviceFilter {
  readonly id?: (deviceId: string) => boolean;
}

/** Which devices were claimed by attestation token, whether they were ever online or not, or why that can't be told. */
export type Claims =
  | { readonly known: true; readonly byUuid: ReadonlyMap<string, ClaimedDevice> }
  | { readonly known: false; readonly because: string };

/** What the account has, as far as it is wanted. */
export interface Found {
  readonly team: Account["team"];
  readonly devices: readonly CloudDevice[];
  readonly claims: Claims;
}

/** An account, as a file is compared with it. */
export interface AccountView {
  readonly devices: readonly CloudDevice[];
  readonly claims: Claims;
  readonly tenantId: string;
  /** Devices that the account has, but that are not wanted. */
  readonly elsewhere: ReadonlySet<string>;
}

/** What of the account is read. */
interface Reading {
  /** Devices of which it need not be known how they came to be in the account. */
  readonly known?: ReadonlySet<string>;
  /** Whether what is desired of devices is read. */
  readonly withConfig?: boolean;
}

/**
 * Reads the account by list pages of a hundred: its devices, and what was claimed by attestation token. Devices that were never
 * online have only their UUIDs to be chosen by: where tags or sub-types are wanted, they are not.
 *
 * Shadows are read, a hundred with each page, only with `withConfig`.
 */
export async function readAccount(
  connection: Connection,
  wanted: Wanted,
  { known = new Set(), withConfig = false }: Reading = {},
): Promise<Found> {
  const isWanted = ({ id }: { readonly id: string }) => wanted.id === undefined || wanted.id(id);
  const devices = (await listDevices(connection.transport, wanted, { withState: withConfig }))
    .filter(isWanted)
    .map(({ state, ...device }) => (withConfig && state !== undefined ? { ...device, state } : device));
  const uuids = devices.map(({ id }) => id).filter((id) => deviceUuidPattern.test(id) && !known.has(id));
  const isChosenByTag = [...(wanted.tags ?? []), ...(wanted.subTypes ?? [])].length > 0;
  const claims =
    isChosenByTag && uuids.length === 0
      ? ({ known: true, byUuid: new Map() } as const)
      : await readClaims(connection, async (identity) => {
          const all = isChosenByTag ? [] : (await listClaimedDevices(identity)).filter(isWanted);
          const byUuid = new Map(all.map((claim) => [claim.id, claim]));
          // A list of all may lag, or have another form than is assumed.
          const missing = uuids.filter((uuid) => !byUuid.has(uuid));
          return new Map([...byUuid, ...(await findClaimedDevices(identity, missing))]);
        });
  return { team: connection.account.team, devices, claims };
}

/** Which of these devices, that were not among the wanted ones, the account has all the same. */
export async function lookElsewhere(
  { transport }: Connection,
  deviceIds: readonly string[],
): Promise<ReadonlySet<string>> {
  return new Set((await findDevices(transport, deviceIds)).keys());
}

async function readClaims(
  { identity }: Connection,
  read: (identity: Transport) => Promise<ReadonlyMap<string, ClaimedDevice>>,
): Promise<Claims> {
  if (identity === undefined) {
    return { known: false, because: "NRF_CLOUD_IDENTITY_ENDPOINT is not set, though NRF_CLOUD_ENDPOINT is" };
  }
  try {
    return { known: true, byUuid: await read(identity) };
  } catch (error) {
    // How claims are listed is not documented: an export must not depend on it.
    if (error instanceof CloudError) return { known: false, because: error.message.split("\n")[0] ?? "" };
    throw error;
  }
}
