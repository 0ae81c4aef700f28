import type { Cloud } from "../cloud.js";
import { takePage } from "../http/page.js";
import type { Device } from "../store/device.js";
import type { View } from "./view.js";

/** A device as the page shows it. */
export interface ShownDevice {
  readonly id: string;
  readonly name: string;
  readonly subType: string | undefined;
  readonly tags: readonly string[];
  readonly firmwareTypes: readonly string[];
  /** The last day of its certificate (ISO 8601); undefined if it has none. */
  readonly certificateEnds: string | undefined;
  /** `undefined` if it is not connected. */
  readonly connection: { readonly since: string; readonly messages: number } | undefined;
}

/** The stores with the data of the page's devices. */
export type DeviceSources = Pick<Cloud, "registry" | "credentials" | "broker">;

/** One page of a team's devices, by creation. Reads no further than it has to. */
export function shownDevices(cloud: DeviceSources, { tenantId, matches, connectedOnly, page }: View) {
  const { registry, broker } = cloud;
  const after = page.after === undefined ? undefined : Number(page.after);
  const ours = (broker?.connections() ?? []).filter((connection) => connection.tenantId === tenantId);
  const connectedIds = new Set(ours.map(({ deviceId }) => deviceId));
  const candidates = connectedOnly
    ? registry.visibleAmong(connectedIds, tenantId, "asc", after, page.reading.at)
    : registry.visibleDevices(tenantId, "asc", after, page.reading.at);
  return {
    all: registry.count(tenantId),
    connected: connectedIds.size,
    ...takePage(
      page,
      matching(candidates, matches),
      ({ sequence }) => String(sequence),
      (device) => shownDevice(cloud, device),
    ),
  };
}

function* matching(devices: Iterable<Device>, matches: View["matches"]): Generator<Device> {
  for (const device of devices) {
    if (matches([device.id, device.name, device.subType, ...device.tags])) yield device;
  }
}

function shownDevice({ credentials, broker }: DeviceSources, device: Device): ShownDevice {
  const { id, name, subType, tags, firmwareTypes } = device;
  const connection = broker?.connection(id);
  return {
    id,
    name,
    subType,
    tags,
    firmwareTypes,
    certificateEnds: credentials.of(id)?.certificate?.notAfter,
    connection: connection && { since: connection.connectedAt, messages: connection.messages },
  };
}
