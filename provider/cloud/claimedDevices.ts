import { stringify } from "csv-stringify/sync";
import {
  isBulkClaim,
  isClaimedDevice,
  isClaimedDevicePage,
  type BulkClaim,
  type ClaimedDevice,
} from "./answers.js";
import { RefusedError } from "./errors.js";
import { allPages, listByIds } from "./list.js";
import { path, type Transport } from "./transport.js";

/** A bulk claim holds at most this many rows. */
export const CLAIM_ROWS = 1000;
/** Up to this number, devices are fetched one by one, since lists may lag behind. */
const FETCH_SINGLY_UP_TO = 2;

const list = { operation: "ListClaimedDevices", path: path("claimed-devices"), page: isClaimedDevicePage };

export interface Claim {
  /** The attestation token. Secret. */
  readonly token: string;
  readonly deviceUuid: string;
  readonly tags: readonly string[];
}

/** Claims one device (ClaimDeviceOwnership). */
export async function claimDevice(transport: Transport, { token, deviceUuid, tags }: Claim): Promise<void> {
  await transport.ask(
    {
      operation: "ClaimDeviceOwnership",
      deviceId: deviceUuid,
      method: "POST",
      path: path("claimed-devices"),
      body: {
        type: "application/json",
        text: JSON.stringify({ claimToken: token, ...(tags.length === 0 ? {} : { tags }) }),
      },
      secrets: [token],
    },
    isClaimedDevice,
  );
}

/**
 * Claims up to 1,000 devices at once (ClaimDeviceOwnership with CSV). Valid rows are claimed even if others fail.
 */
export function claimDevices(transport: Transport, claims: readonly Claim[]): Promise<BulkClaim> {
  return transport.askInPart({ ...bulkRequest(claims), operation: "ClaimDeviceOwnership" }, isBulkClaim);
}

/**
 * Checks whether a device can be claimed, without claiming it (ClaimDeviceOwnership with `dryrun`).
 * @returns the service's reason if it can't; `undefined` if it can
 */
export async function tryClaim(transport: Transport, { token, tags }: Claim): Promise<string | undefined> {
  try {
    await transport.execute({
      operation: "ClaimDeviceOwnership (dry run)",
      method: "POST",
      path: path("claimed-devices"),
      query: { dryrun: "true" },
      body: {
        type: "application/json",
        text: JSON.stringify({ claimToken: token, ...(tags.length === 0 ? {} : { tags }) }),
      },
      secrets: [token],
    });
    return undefined;
  } catch (error) {
    // Only a refusal of the device is an answer. A wrong key or a failing service is an error.
    const isAnswer =
      error instanceof RefusedError && error.status < 500 && ![403, 429].includes(error.status);
    const isOfKey = error instanceof RefusedError && error.status === 401 && error.code === 40100;
    if (!isAnswer || isOfKey) throw error;
    return error.reason ?? "the service gives no reason.";
  }
}

function bulkRequest(claims: readonly Claim[]) {
  const rows = claims.map(({ token, tags }) => (tags.length === 0 ? [token] : [token, tags.join(",")]));
  return {
    method: "POST",
    path: path("claimed-devices"),
    body: { type: "text/csv", text: stringify(rows, { quoted: true }) },
    secrets: claims.map(({ token }) => token),
  } as const;
}

/** One claimed device, or `undefined` where the team has not claimed it (FetchClaimedDevice). */
export function fetchClaimedDevice(
  transport: Transport,
  deviceUuid: string,
): Promise<ClaimedDevice | undefined> {
  return transport.askIfFound(
    {
      operation: "FetchClaimedDevice",
      deviceId: deviceUuid,
      method: "GET",
      path: path("claimed-devices", deviceUuid),
    },
    isClaimedDevice,
  );
}

/** The claimed devices among these, by UUID (ListClaimedDevices, 100 devices a call). */
export async function findClaimedDevices(
  transport: Transport,
  deviceUuids: readonly string[],
): Promise<ReadonlyMap<string, ClaimedDevice>> {
  const found =
    deviceUuids.length <= FETCH_SINGLY_UP_TO
      ? await Promise.all(deviceUuids.map((uuid) => fetchClaimedDevice(transport, uuid)))
      : await listByIds(transport, deviceUuids, list);
  const byId = new Map<string, ClaimedDevice>();
  for (const device of found) if (device !== undefined) byId.set(device.id, device);
  return byId;
}

/** Every device that the team has claimed, also those that were never online (ListClaimedDevices). */
export function listClaimedDevices(transport: Transport): Promise<readonly ClaimedDevice[]> {
  return allPages(transport, list, {});
}

/** Replaces the provisioning tags of a claimed device (the path is assumed: none is documented). */
export function retagClaimedDevice(
  transport: Transport,
  deviceUuid: string,
  tags: readonly string[],
): Promise<void> {
  return transport.execute({
    operation: "UpdateClaimedDeviceTags",
    deviceId: deviceUuid,
    method: "PUT",
    path: path("claimed-devices", deviceUuid, "tags"),
    body: { type: "application/json", text: JSON.stringify(tags) },
  });
}

/**
 * Unclaims a device, so that any team can claim it (UnclaimDevice). The service also deletes the device that was onboarded under its
 * UUID, with its data. It succeeds for a device that is not claimed.
 */
export function unclaimDevice(transport: Transport, deviceUuid: string): Promise<void> {
  return transport.remove({
    operation: "UnclaimDevice",
    deviceId: deviceUuid,
    method: "DELETE",
    path: path("claimed-devices", deviceUuid),
  });
}
