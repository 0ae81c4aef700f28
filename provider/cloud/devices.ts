import { isDevice, isDevicePage, type CloudDevice } from "./answers.js";
import { allPages, listByIds } from "./list.js";
import { path, type Transport } from "./transport.js";

/** Up to this number, devices are fetched one by one, since lists may lag behind. */
const FETCH_SINGLY_UP_TO = 2;

/** A device to onboard. */
export interface Onboarding {
  readonly deviceId: string;
  readonly subType?: string | undefined;
  readonly tags: readonly string[];
  readonly firmwareTypes: readonly string[];
  /** One certificate or one public key, PEM with its final line break. */
  readonly credentialPem: string;
}

/** One device, or `undefined` if the account does not have it (FetchDevice). */
export function fetchDevice(transport: Transport, deviceId: string): Promise<CloudDevice | undefined> {
  return transport.askIfFound(
    { operation: "FetchDevice", deviceId, method: "GET", path: path("devices", deviceId) },
    isDevice,
  );
}

/** Selects devices with any of the tags and one of the sub-types. An absent or empty list selects all. */
export interface DeviceFilter {
  readonly tags?: readonly string[];
  readonly subTypes?: readonly string[];
}

/**
 * The devices of the team that the API key may see, in the order of the list (ListDevices, 100 devices a call). If the list changes
 * meanwhile, two pages may have the same device; it is returned once.
 * @param options `withState`: with their shadows
 */
export async function listDevices(
  transport: Transport,
  filter: DeviceFilter = {},
  { withState = false } = {},
): Promise<CloudDevice[]> {
  const devices = await allPages(
    transport,
    { operation: "ListDevices", path: path("devices"), page: isDevicePage },
    {
      ...anyOf("tags", filter.tags),
      ...anyOf("subTypes", filter.subTypes),
      ...(withState ? WITH_STATE : {}),
    },
  );
  const byId = new Map(devices.map((device) => [device.id, device]));
  return [...byId.values()].filter((device) => matches(device, filter));
}

const WITH_STATE = { includeState: "true" };

function anyOf(parameter: string, values: readonly string[] = []): Record<string, string> {
  // The API separates values by commas, which a sub-type may contain. Then only `passes` filters.
  const isPlain = values.length > 0 && !values.some((value) => value.includes(","));
  return isPlain ? { [parameter]: values.join(",") } : {};
}

function matches({ tags = [], subType = "" }: CloudDevice, filter: DeviceFilter): boolean {
  const isOneOf = (wanted: readonly string[] | undefined, had: readonly string[]) =>
    wanted === undefined || wanted.length === 0 || wanted.some((value) => had.includes(value));
  return isOneOf(filter.tags, tags) && isOneOf(filter.subTypes, [subType]);
}

/**
 * The devices among these that are in the account, by id (ListDevices, 100 devices a call).
 * @param options `withState`: with their shadows
 */
export async function findDevices(
  transport: Transport,
  deviceIds: readonly string[],
  { withState = false } = {},
): Promise<ReadonlyMap<string, CloudDevice>> {
  const found =
    deviceIds.length <= FETCH_SINGLY_UP_TO
      ? await Promise.all(deviceIds.map((id) => fetchDevice(transport, id)))
      : await listByIds(transport, deviceIds, {
          operation: "ListDevices",
          path: path("devices"),
          page: isDevicePage,
          ...(withState ? { query: WITH_STATE } : {}),
        });
  const byId = new Map<string, CloudDevice>();
  for (const device of found) if (device !== undefined) byId.set(device.id, device);
  return byId;
}

/**
 * When devices last changed the reported section of their shadows, by id (ListDevices with `includeState` and `includeStateMeta`).
 * Devices that never did are left out.
 */
export async function lastReports(
  transport: Transport,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const found = await listByIds(transport, deviceIds, {
    operation: "ListDevices",
    path: path("devices"),
    page: isDevicePage,
    query: { includeState: "true", includeStateMeta: "true" },
  });
  return new Map(
    found.flatMap(({ id, state }) => {
      const seconds = latestIn(state?.metadata?.reported, 0);
      return seconds === undefined ? [] : [[id, new Date(seconds * 1000)] as const];
    }),
  );
}

/** Whether a report is not older than a time. Shadows have a resolution of one second. */
export function isSince(report: Date | undefined, at: string): boolean {
  return report !== undefined && report.getTime() + 1000 > Date.parse(at);
}

/** Deeper than any shadow that nRF Cloud accepts. */
const MAX_DEPTH = 20;

/** The latest `timestamp` (epoch seconds) in the metadata of a shadow. */
function latestIn(metadata: unknown, depth: number): number | undefined {
  if (typeof metadata !== "object" || metadata === null || depth > MAX_DEPTH) return undefined;
  const times = Object.entries(metadata).flatMap(([key, value]: [string, unknown]) => {
    if (key === "timestamp" && typeof value === "number") return [value];
    return latestIn(value, depth + 1) ?? [];
  });
  return times.length === 0 ? undefined : times.reduce((one, other) => Math.max(one, other));
}

/** The devices among these that are in the account (ListDevices). */
export async function presentAmong(
  transport: Transport,
  devices: readonly Onboarding[],
): Promise<ReadonlySet<Onboarding>> {
  const present = await findDevices(
    transport,
    devices.map(({ deviceId }) => deviceId),
  );
  return new Set(devices.filter(({ deviceId }) => present.has(deviceId)));
}

/** Gives a device its display name, 1 to 128 characters (UpdateDeviceName). */
export function renameDevice(transport: Transport, deviceId: string, name: string): Promise<void> {
  return transport.execute({
    operation: "UpdateDeviceName",
    deviceId,
    method: "PUT",
    path: path("devices", deviceId, "name"),
    body: json(name),
  });
}

/** Replaces all tags of a device; an empty list removes them (UpdateDeviceTags). */
export function retagDevice(transport: Transport, deviceId: string, tags: readonly string[]): Promise<void> {
  return transport.execute({
    operation: "UpdateDeviceTags",
    deviceId,
    method: "PUT",
    path: path("devices", deviceId, "tags"),
    body: json(tags),
  });
}

/**
 * Starts to delete a device with its data, certificate and shadow (DeleteDevice). It succeeds for a missing device. nRF Cloud deletes
 * asynchronously, so read until the device is missing.
 */
export function deleteDevice(transport: Transport, deviceId: string): Promise<void> {
  return transport.remove({
    operation: "DeleteDevice",
    deviceId,
    method: "DELETE",
    path: path("devices", deviceId),
  });
}

function json(value: unknown): { type: "application/json"; text: string } {
  return { type: "application/json", text: JSON.stringify(value) };
}
