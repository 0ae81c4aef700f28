import type { DeviceStore } from "../cloud.js";
import type { Device } from "../store/device.js";
import { deltaOf, shadowOf } from "./shadow.js";

/** The part of the shadow in a reply. */
export type StateDetail = "none" | "values" | "values and metadata";

/** A device as the API shows it at a time (epoch milliseconds). */
export function deviceView(
  { settings, credentials }: DeviceStore,
  device: Device,
  detail: StateDetail,
  at: number,
) {
  const certifiedAt = credentials.of(device.id)?.certifiedAt;
  return {
    id: device.id,
    name: device.name,
    type: deviceType(device),
    subType: device.subType ?? "unknown",
    tags: device.tags,
    tenantId: device.tenantId,
    ...(device.firmwareTypes.length === 0 ? {} : { firmware: { supports: device.firmwareTypes } }),
    $meta: {
      createdAt: new Date(device.createdAt).toISOString(),
      ...(device.updatedAt === undefined ? {} : { updatedAt: new Date(device.updatedAt).toISOString() }),
    },
    cloudMqttEnabled: certifiedAt !== undefined && at >= certifiedAt + settings.mqttEnableDelayMs,
    ...(detail === "none" ? {} : { state: stateView(device, detail) }),
  };
}

/** `Gateway` if the sub-type says so, otherwise `Generic`. */
export const deviceType = ({ subType }: Pick<Device, "subType">) =>
  subType?.includes("gateway") === true ? "Gateway" : "Generic";

function stateView(device: Device, detail: StateDetail) {
  const { desired, reported, metadata, version } = shadowOf(device);
  return {
    desired,
    reported,
    delta: deltaOf(desired, reported),
    ...(detail === "values" ? {} : { metadata }),
    version,
  };
}
