import { entityNotFound } from "../errors.js";
import type { Caller } from "../teams.js";
import type { Device } from "../store/device.js";
import type { Registry } from "../store/registry.js";

/**
 * Whether a key sees a device of its team: owners and admins see all. Others see only devices without a tag, or with
 * one of their groups.
 */
export function sees({ apiKey }: Caller, device: Device): boolean {
  if (apiKey.role === "owner" || apiKey.role === "admin" || apiKey.groups === undefined) return true;
  const { groups } = apiKey;
  return device.tags.length === 0 || device.tags.some((tag) => groups.includes(tag));
}

/** A device that a reader of the team sees at a time (epoch milliseconds), or 40410. */
export function visibleDevice(registry: Registry, caller: Caller, id: string, at: number): Device {
  const device = registry.visible(id, at);
  if (device?.tenantId !== caller.team.tenantId || !sees(caller, device)) throw notFound(id);
  return device;
}

/**
 * The present record of a device, for a change. A write does not find a device that reads do not show yet.
 */
export function changeableDevice(registry: Registry, caller: Caller, id: string): Device {
  visibleDevice(registry, caller, id, Date.now());
  const device = registry.latest(id);
  if (device?.tenantId !== caller.team.tenantId) throw notFound(id);
  return device;
}

const notFound = (id: string) => entityNotFound(`No device found for id ${JSON.stringify(id)}.`);
