import { isRecord } from "../http/json.js";
import type { Device, Shadow } from "../store/device.js";

/** The content of a shadow update. */
export interface StateChange {
  readonly desired?: Record<string, unknown>;
  readonly reported?: Record<string, unknown>;
}

/** The MQTT topic prefix of a team. */
export const topicPrefix = (tenantId: string) => `prod/${tenantId}/`;

/** A device's shadow after the last update, or as onboarding created it. */
export const shadowOf = (device: Device): Shadow => device.shadow ?? initialShadow(device);

// Observed at nRF Cloud: version 3 and this content, for an onboarded device that never connected.
function initialShadow({ id, tenantId, createdAt }: Device): Shadow {
  const desired =
    tenantId === undefined ? { pairing: { state: "not_associated" } } : pairedWith(tenantId, id);
  return {
    desired,
    reported: {},
    metadata: { desired: stamped(desired, createdAt) },
    version: tenantId === undefined ? 1 : 3,
  };
}

/** The desired state that nRF Cloud sets for a device of a team. */
export function pairedWith(tenantId: string, id: string) {
  const prefix = topicPrefix(tenantId);
  return {
    nrfcloud_mqtt_topic_prefix: prefix,
    pairing: {
      state: "paired",
      topics: { d2c: `${prefix}m/d/${id}/d2c`, c2d: `${prefix}m/d/${id}/+/r` },
    },
  };
}

/** The change that removes this state. */
export const unpaired = {
  nrfcloud_mqtt_topic_prefix: null,
  pairing: { state: "not_associated", topics: null },
};

/** Merges a change into a shadow as AWS IoT does: objects deeply, arrays and values whole, null deletes. */
export function mergeState(shadow: Shadow, change: StateChange, now: number): Shadow {
  const metadata = isRecord(shadow.metadata) ? shadow.metadata : {};
  const part = (name: "desired" | "reported") => {
    const changed = change[name];
    const times = metadata[name];
    if (changed === undefined) return { value: shadow[name], times };
    return {
      value: merge(shadow[name], changed, (leaf) => leaf),
      times: merge(isRecord(times) ? times : {}, changed, (leaf) => stamped(leaf, now)),
    };
  };
  const desired = part("desired");
  const reported = part("reported");
  return {
    desired: desired.value,
    reported: reported.value,
    metadata: {
      ...(desired.times === undefined ? {} : { desired: desired.times }),
      ...(reported.times === undefined ? {} : { reported: reported.times }),
    },
    version: shadow.version + 1,
  };
}

/** The desired values that are not reported, or reported differently. */
export function deltaOf(desired: Record<string, unknown>, reported: Record<string, unknown>) {
  const delta: [string, unknown][] = [];
  for (const [key, wanted] of Object.entries(desired)) {
    const present = Object.hasOwn(reported, key) ? reported[key] : undefined;
    if (isRecord(wanted) && isRecord(present)) {
      const inner = deltaOf(wanted, present);
      if (Object.keys(inner).length > 0) delta.push([key, inner]);
    } else if (JSON.stringify(wanted) !== JSON.stringify(present)) {
      delta.push([key, wanted]);
    }
  }
  return Object.fromEntries(delta);
}

function merge(
  target: Record<string, unknown>,
  change: Record<string, unknown>,
  leaf: (value: unknown) => unknown,
): Record<string, unknown> {
  const merged = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(change)) {
    const present = merged.get(key);
    if (value === null) merged.delete(key);
    else if (isRecord(value)) merged.set(key, merge(isRecord(present) ? present : {}, value, leaf));
    else merged.set(key, leaf(value));
  }
  return Object.fromEntries(merged);
}

/** A copy of a value with the time of its last update (epoch seconds) for each leaf. */
function stamped(value: unknown, now: number): unknown {
  if (Array.isArray(value)) return value.map((item) => stamped(item, now));
  if (!isRecord(value)) return { timestamp: Math.floor(now / 1000) };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, stamped(inner, now)]));
}

/**
 * The firmware types a device says it supports, if an update reports them: they replace those of its onboarding.
 */
export function reportedFirmwareTypes(change: StateChange): readonly string[] | undefined {
  const device = change.reported?.device;
  const serviceInfo = isRecord(device) ? device.serviceInfo : undefined;
  if (!isRecord(serviceInfo)) return undefined;
  const types = serviceInfo.fota_v2 ?? serviceInfo.fota_v1;
  return Array.isArray(types) ? types.filter((type) => typeof type === "string" && type !== "") : undefined;
}
