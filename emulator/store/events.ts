import { EventEmitter } from "node:events";
import type { StateChange } from "../devices/shadow.js";
import type { Device } from "./device.js";

/** A change of a device's shadow that its watchers get. */
export interface ShadowUpdate {
  /** As it is after the change. */
  readonly device: Device;
  readonly change: StateChange;
  /** What a device gave its own update to recognize the answer by. */
  readonly clientToken?: string;
}

/** What the broker has to know of the stores' changes. */
export class StoreEvents extends EventEmitter<{
  /** The device, its certificate or its owner changed; it may no longer exist. */
  changed: [deviceId: string];
  /** The device was deleted; this is what it was. */
  deleted: [device: Device];
  shadow: [update: ShadowUpdate];
}> {}
