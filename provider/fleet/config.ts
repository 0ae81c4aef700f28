/** The desired configuration of a device: the part of its shadow's desired section that a fleet manages. */
import { isRecord } from "./data.js";
import type { Violation } from "./rules.js";
import type { ReadResult } from "./readResult.js";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object: settings of the device's firmware, by key. A `null` removes a key that defaults or a group declare. */
export type DeviceConfig = Readonly<Record<string, Json>>;

/** Keys of the desired section that nRF Cloud sets itself. */
const RESERVED_KEYS = ["pairing", "nrfcloud_mqtt_topic_prefix"];

/** Longest shadow message that a modem can receive: nRF Cloud trims its messages to this length. */
export const MAX_MODEM_BYTES = 1792;
/** AWS IoT's limit for the desired section of a shadow. */
export const MAX_SHADOW_BYTES = 8 * 1024;
/** AWS IoT's limit for the nesting of the desired section. */
const MAX_LEVELS = 8;

/** A desired section without the keys that nRF Cloud sets itself; `undefined` if nothing remains. */
export function configOfDesired(desired: Readonly<Record<string, unknown>>): DeviceConfig | undefined {
  const entries = Object.entries(desired).filter(([key]) => !RESERVED_KEYS.includes(key));
  const config = asConfig(Object.fromEntries(entries));
  return config && effectiveConfig(config);
}

/** The settings that two configurations have in common. */
export function commonConfig(one: DeviceConfig, other: DeviceConfig): DeviceConfig {
  const entries = Object.entries(one).flatMap(([key, value]): [string, Json][] => {
    const opposite = ownValue(other, key);
    if (isObject(value) && isObject(opposite)) {
      const common = commonConfig(value, opposite);
      return Object.keys(common).length === 0 ? [] : [[key, common]];
    }
    return opposite !== undefined && sameValue(opposite, value) ? [[key, value]] : [];
  });
  return Object.fromEntries(entries);
}

/** The inverse of `mergeConfig`: what to merge into `common` to get `config`. */
export function restOfConfig(config: DeviceConfig, common: DeviceConfig): DeviceConfig {
  const entries = Object.entries(config).flatMap(([key, value]): [string, Json][] => {
    const part = ownValue(common, key);
    if (part === undefined) return [[key, value]];
    if (!isObject(value) || !isObject(part)) return [];
    const rest = restOfConfig(value, part);
    return Object.keys(rest).length === 0 ? [] : [[key, rest]];
  });
  return Object.fromEntries(entries);
}

/** Merges settings key by key; those of `inner` win. A `null` is kept, since it may remove a key of a level farther out. */
export function mergeConfig(outer: DeviceConfig, inner: DeviceConfig): DeviceConfig {
  const merged = new Map(Object.entries(outer));
  for (const [key, value] of Object.entries(inner)) {
    const present = merged.get(key);
    merged.set(key, isObject(value) && isObject(present) ? mergeConfig(present, value) : value);
  }
  return Object.fromEntries(merged);
}

/** The configuration without nulls and empty objects; `undefined` if nothing remains. */
export function effectiveConfig(config: DeviceConfig): DeviceConfig | undefined {
  const entries = Object.entries(config).flatMap(([key, value]): [string, Json][] => {
    if (value === null) return [];
    if (!isObject(value)) return [[key, value]];
    const inner = effectiveConfig(value);
    return inner === undefined ? [] : [[key, inner]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The configuration as JSON with sorted keys, so that equal settings give equal strings. */
export function configText(config: DeviceConfig): string {
  return JSON.stringify(sorted(config));
}

export function sameConfig(one: DeviceConfig | undefined, other: DeviceConfig | undefined): boolean {
  if (one === other) return true;
  return one !== undefined && other !== undefined && configText(one) === configText(other);
}

/** Parses JSON; `undefined` if it is not an object. */
export function parseConfig(text: string): DeviceConfig | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return asConfig(value);
  } catch {
    return undefined;
  }
}

/** Narrows a value to a configuration; `undefined` if it is not a JSON object. */
export function asConfig(value: unknown): DeviceConfig | undefined {
  return isJson(value) && isObject(value) ? value : undefined;
}

/** Narrows a map to a configuration that devices can take. */
export function checkedConfig(value: Readonly<Record<string, unknown>>): ReadResult<DeviceConfig> {
  const config = asConfig(value);
  if (config === undefined) {
    return {
      ok: false,
      message: "config has a value that JSON can't express",
      fix: "use strings, numbers, true, false, lists and maps",
    };
  }
  const violation = checkConfig(config);
  return violation === undefined ? { ok: true, value: config } : { ok: false, ...violation };
}

/** Checks the nesting of data without recursion, so that any depth is safe. */
export function tooManyLevels(value: unknown): Violation | undefined {
  let level = [value];
  for (let depth = 0; depth <= MAX_LEVELS; depth++) {
    level = level.filter((each) => typeof each === "object" && each !== null);
    if (level.length === 0) return undefined;
    level = level.flatMap((each) => Object.values(each as object) as unknown[]);
  }
  return {
    message: `config has more than ${MAX_LEVELS} levels, which a shadow can't hold`,
    fix: "nest it less deeply",
  };
}

/** Why nRF Cloud, AWS IoT or a modem would not take a configuration; `undefined` if they would. */
export function checkConfig(config: DeviceConfig): Violation | undefined {
  const reserved = RESERVED_KEYS.find((key) => Object.hasOwn(config, key));
  if (reserved !== undefined) {
    return {
      message: `config has ${reserved}, which nRF Cloud sets itself`,
      fix: "remove this key",
    };
  }
  const deep = tooManyLevels(config);
  if (deep !== undefined) return deep;
  if (hasNullInList(config)) {
    return { message: "config has a null in a list, which a shadow can't hold", fix: "leave the entry out" };
  }
  const inexact = inexactNumber(config);
  if (inexact !== undefined) {
    return {
      message: `config has the number ${inexact}, which JSON can't hold exactly`,
      fix: "write it in quotes",
    };
  }
  // The largest message that nRF Cloud sends: to a modem that has none of these settings yet.
  const message = { state: config, version: 999_999, timestamp: 9_999_999_999 };
  const bytes = Buffer.byteLength(JSON.stringify(message));
  if (bytes > MAX_MODEM_BYTES) {
    return {
      message: `config is too large for a modem: its shadow message would have ${bytes} bytes, and ${MAX_MODEM_BYTES} are allowed`,
      fix: "shorten it",
    };
  }
  return undefined;
}

/**
 * The change to send so that a desired section has the configuration; `undefined` if it has it already. It never contains keys
 * other than those of `former` and `config`.
 * @param former what was set before. Its keys that are not declared any more are removed
 */
export function configChange(
  desired: Readonly<Record<string, unknown>>,
  former: DeviceConfig | undefined,
  config: DeviceConfig | undefined,
): DeviceConfig | undefined {
  const change: [string, Json][] = [];
  for (const [key, value] of Object.entries(config ?? {})) {
    const present = ownValue(desired, key);
    if (isObject(value) && isRecord(present)) {
      const inner = configChange(present, objectAt(former, key), value);
      if (inner !== undefined) change.push([key, inner]);
    } else if (!sameValue(present, value)) change.push([key, value]);
  }
  for (const key of Object.keys(former ?? {})) {
    if (config !== undefined && Object.hasOwn(config, key)) continue;
    if (!Object.hasOwn(desired, key)) continue;
    const [present, before] = [ownValue(desired, key), objectAt(former, key)];
    const removed = before !== undefined && isRecord(present) ? removal(present, before) : null;
    if (removed !== undefined) change.push([key, removed]);
  }
  return change.length === 0 ? undefined : Object.fromEntries(change);
}

/** The values that a desired section has for the keys of a configuration; `undefined` if it has none of them. */
export function configInAccount(
  desired: Readonly<Record<string, unknown>>,
  config: DeviceConfig,
): DeviceConfig | undefined {
  const entries = Object.entries(config).flatMap(([key, value]): [string, Json][] => {
    if (!Object.hasOwn(desired, key)) return [];
    const present = desired[key];
    if (isObject(value) && isRecord(present)) {
      const inner = configInAccount(present, value);
      return inner === undefined ? [] : [[key, inner]];
    }
    return isJson(present) ? [[key, present]] : [];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** All values that are not objects, by path, such as `gnss.timeout`. */
export function configLeaves(section: Readonly<Record<string, unknown>>): ReadonlyMap<string, Json> {
  return new Map(
    Object.entries(section).flatMap(([key, value]): [string, Json][] => {
      if (isRecord(value)) return [...configLeaves(value)].map(([inner, leaf]) => [`${key}.${inner}`, leaf]);
      return isJson(value) ? [[key, value]] : [];
    }),
  );
}

/** The size of a desired section in bytes after a change. */
export function sizeAfter(desired: Readonly<Record<string, unknown>>, change: DeviceConfig): number {
  return Buffer.byteLength(
    JSON.stringify(effectiveConfig(mergeConfig(asConfig(desired) ?? {}, change)) ?? {}),
  );
}

/** Removes what was set below a key: the whole key, unless others have set more there. */
function removal(present: Readonly<Record<string, unknown>>, before: DeviceConfig): Json | undefined {
  const inner = configChange(present, before, undefined);
  if (inner === undefined) return undefined;
  return Object.keys(present).every((key) => ownValue(inner, key) === null) ? null : inner;
}

function ownValue<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function objectAt(config: DeviceConfig | undefined, key: string): DeviceConfig | undefined {
  const value = config === undefined ? undefined : ownValue(config, key);
  return isObject(value) ? value : undefined;
}

function sameValue(one: unknown, other: Json): boolean {
  return isJson(one) && JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: Json): Json {
  if (isList(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function hasNullInList(value: Json): boolean {
  if (isList(value)) return value.some((entry) => entry === null || hasNullInList(entry));
  return isObject(value) && Object.values(value).some(hasNullInList);
}

function inexactNumber(value: Json): number | undefined {
  if (typeof value === "number")
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? value : undefined;
  const inner: readonly Json[] = isList(value) ? value : isObject(value) ? Object.values(value) : [];
  return inner.map(inexactNumber).find((found) => found !== undefined);
}

function isJson(value: unknown): value is Json {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object") return typeof value === "string" || typeof value === "boolean";
  return value === null || Object.values(value).every(isJson);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is DeviceConfig {
  return isRecord(value);
}
