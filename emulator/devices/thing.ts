import type { ThingStore } from "../cloud.js";
import type { Device } from "../store/device.js";
import type { Visibility } from "../store/registry.js";
import { mergeState, reportedFirmwareTypes, shadowOf, type StateChange } from "./shadow.js";

/** Changes a device's shadow and notifies its watchers. */
export function updateShadow(
  { registry, events }: Pick<ThingStore, "registry" | "events">,
  device: Device,
  change: StateChange,
  clientToken?: string,
): void {
  const changed = registry.change(
    device,
    {
      shadow: mergeState(shadowOf(device), change, Date.now()),
      firmwareTypes: reportedFirmwareTypes(change) ?? device.firmwareTypes,
    },
    "delayed",
  );
  events.emit("shadow", {
    device: changed,
    change,
    ...(clientToken === undefined ? {} : { clientToken }),
  });
}

/** Removes a device with its credentials. */
export function deleteDevice(
  { registry, credentials, jitp }: Pick<ThingStore, "registry" | "credentials" | "jitp">,
  device: Device,
  visibility: Visibility,
): void {
  registry.remove(device, visibility);
  credentials.remove(device.id);
  jitp.remove(device.id);
}
