import type { CloudDevice } from "./answers.js";
import { fetchDevice, findDevices } from "./devices.js";
import { RefusedError } from "./errors.js";
import { path, type Transport } from "./transport.js";

/** A JSON object of a shadow. */
export type ShadowSection = Readonly<Record<string, unknown>>;

/** The parts of a device's shadow that the provider uses. */
export interface DeviceShadow {
  readonly desired: ShadowSection;
  readonly reported: ShadowSection;
  /** Sent with an update to detect concurrent changes; `undefined` if the answer had none. */
  readonly version: number | undefined;
}

/** The shadow in an answer; `undefined` if it has none. */
export function shadowOf({ state, $meta }: CloudDevice): DeviceShadow | undefined {
  if (state === undefined) return undefined;
  const { desired = {}, reported = {}, version = $meta?.version } = state;
  return { desired, reported, version };
}

/** The shadows of the devices among these that are in the account, by id (ListDevices, 100 devices a call). */
export async function findShadows(
  transport: Transport,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, DeviceShadow>> {
  const found = await findDevices(transport, deviceIds, { withState: true });
  return new Map([...found].map(([id, device]) => [id, shadowOf(device) ?? EMPTY]));
}

const EMPTY: DeviceShadow = { desired: {}, reported: {}, version: undefined };

/** Tries while others change the same shadow. */
const TRIES = 5;

/**
 * Changes the desired section of a shadow, without overwriting concurrent changes: the update is for a version, and a conflict causes
 * another read and try (UpdateDeviceState, FetchDevice).
 *
 * @param known the shadow as it was read before; `undefined` reads it
 * @param changeOf returns the change to a desired section, where `null` removes a key; `undefined` for no change
 * @returns whether the account has the device
 * @throws CloudError
 */
export async function changeDesired(
  transport: Transport,
  deviceId: string,
  known: DeviceShadow | undefined,
  changeOf: (desired: ShadowSection) => ShadowSection | undefined,
): Promise<boolean> {
  let shadow = known ?? (await fetchShadow(transport, deviceId));
  for (let tries = 1; shadow !== undefined; tries++) {
    const change = changeOf(shadow.desired);
    if (change === undefined) return true;
    try {
      await updateState(transport, deviceId, { desired: change }, shadow.version);
      return true;
    } catch (error) {
      if (!isOutdated(error) || tries >= TRIES) throw error;
      shadow = await fetchShadow(transport, deviceId);
    }
  }
  return false;
}

async function fetchShadow(transport: Transport, deviceId: string): Promise<DeviceShadow | undefined> {
  const device = await fetchDevice(transport, deviceId);
  return device && (shadowOf(device) ?? EMPTY);
}

/** Merges a change into a shadow (UpdateDeviceState). */
async function updateState(
  transport: Transport,
  deviceId: string,
  change: { readonly desired: ShadowSection },
  version: number | undefined,
): Promise<void> {
  await transport.execute({
    operation: "UpdateDeviceState",
    deviceId,
    method: "PATCH",
    path: path("devices", deviceId, "state"),
    body: { type: "application/json", text: JSON.stringify(change) },
    ...(version === undefined ? {} : { ifMatch: String(version) }),
  });
}

function isOutdated(error: unknown): boolean {
  return error instanceof RefusedError && (error.status === 412 || error.status === 409);
}
