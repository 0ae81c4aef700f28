import { EventEmitter } from "node:events";
import type { StateChange } from "../devices/shadow.js";
import type { Device } from "./device.js";

/** A change of a device's shadow. */
export interface ShadowUpdate {
  /** The device after the change. */
  readonly device: Device;
  readonly change: StateChange;
  /** The token by which a device recognizes the answer to its own update. */
  readonly clientToken?: string;
}

/** The changes of the stores that the broker needs. */
export class StoreEvents extends EventEmitter<{
  /** The device, its certificate or its owner changed; it may no longer exist. */
  changed: [deviceId: string];
  /** The device before its deletion. */
  deleted: [device: Device];
  shadow: [update: ShadowUpdate];
}> {}
