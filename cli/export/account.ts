import type { Account, ClaimedDevice, CloudDevice } from "../../provider/cloud/answers.js";
import { findClaimedDevices, listClaimedDevices } from "../../provider/cloud/claimedDevices.js";
import { findDevices, listDevices, type DeviceFilter } from "../../provider/cloud/devices.js";
import { CloudError } from "../../provider/cloud/errors.js";
import { deviceUuidPattern } from "../../provider/fleet/rules.js";
import type { Transport } from "../../provider/cloud/transport.js";
import type { Connection } from "../cloud.js";

/** Which devices of the account to export. A filter that is absent or empty selects all. */
export interface Selection extends DeviceFilter {
  readonly id?: (deviceId: string) => boolean;
}

/** The devices that the team claimed by attestation token, connected or not, or why the account does not show them. */
export type Claims =
  | { readonly known: true; readonly byUuid: ReadonlyMap<string, ClaimedDevice> }
  | { readonly known: false; readonly reason: string };

/** The selected part of an account. */
export interface Found {
  readonly team: Account["team"];
  readonly devices: readonly CloudDevice[];
  readonly claims: Claims;
}

/** An account, for the comparison with a fleet file. */
export interface AccountView {
  readonly devices: readonly CloudDevice[];
  readonly claims: Claims;
  readonly tenantId: string;
  /** Devices of the file that the account has, outside of the selection. */
  readonly unselected: ReadonlySet<string>;
}

/** What to read of the account. */
interface Reading {
  /** Devices whose claims need not be read. */
  readonly known?: ReadonlySet<string>;
  /** Whether to read the configurations in the shadows. */
  readonly withConfig?: boolean;
}

/**
 * Lists the devices of the account, and those that were claimed by attestation token. A device that never connected has a UUID and
 * nothing else, so a selection by tag or sub-type does not include it.
 *
 * Shadows are read, a hundred with each page, only with `withConfig`.
 */
export async function readAccount(
  connection: Connection,
  selection: Selection,
  { known = new Set(), withConfig = false }: Reading = {},
): Promise<Found> {
  const isSelected = ({ id }: { readonly id: string }) => selection.id === undefined || selection.id(id);
  const devices = (await listDevices(connection.transport, selection, { withState: withConfig }))
    .filter(isSelected)
    .map(({ state, ...device }) => (withConfig && state !== undefined ? { ...device, state } : device));
  const uuids = devices.map(({ id }) => id).filter((id) => deviceUuidPattern.test(id) && !known.has(id));
  const selectsByTag = [...(selection.tags ?? []), ...(selection.subTypes ?? [])].length > 0;
  const claims =
    selectsByTag && uuids.length === 0
      ? ({ known: true, byUuid: new Map() } as const)
      : await readClaims(connection, async (identity) => {
          const all = selectsByTag ? [] : (await listClaimedDevices(identity)).filter(isSelected);
          const byUuid = new Map(all.map((claim) => [claim.id, claim]));
          // The list of all claims may lag, or have a form that is not documented.
          const missing = uuids.filter((uuid) => !byUuid.has(uuid));
          return new Map([...byUuid, ...(await findClaimedDevices(identity, missing))]);
        });
  return { team: connection.account.team, devices, claims };
}

/** Which of these devices the account has, although the selection does not include them. */
export async function findUnselected(
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
    return { known: false, reason: "NRF_CLOUD_IDENTITY_ENDPOINT is not set, though NRF_CLOUD_ENDPOINT is" };
  }
  try {
    return { known: true, byUuid: await read(identity) };
  } catch (error) {
    // The list of claims is not documented, so an export must not depend on it.
    if (error instanceof CloudError) return { known: false, reason: error.message.split("\n")[0] ?? "" };
    throw error;
  }
}
