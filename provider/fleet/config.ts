/** The desired configuration of a device: what stands in the desired section of its shadow. */
import { isRecord } from "./data.js";
import type { Violation } from "./rules.js";
import type { Read } from "./sources.js";

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object: settings of the device's firmware, by key. A `null` removes a key that defaults or a group declare. */
export type DeviceConfig = Readonly<Record<string, Json>>;

/** What nRF Cloud keeps in the desired section for itself. */
const OF_NRF_CLOUD = ["pairing", "nrfcloud_mqtt_topic_prefix"];

/** What fits into a modem: a trimmed shadow message of nRF Cloud is no longer. */
export const MODEM_BYTES = 1792;
/** What AWS IoT takes as the desired section of a shadow. */
export const SHADOW_BYTES = 8 * 1024;
/** How deep AWS IoT lets the desired section be. */
const MOST_LEVELS = 8;

/** What a desired section has besides what nRF Cloud keeps there for itself; `undefined` where it has nothing. */
export function configOfDesired(desired: Readonly<Record<string, unknown>>): DeviceConfig | undefined {
  const entries = Object.entries(desired).filter(([key]) => !OF_NRF_CLOUD.includes(key));
  const config = asConfig(Object.fromEntries(entries));
  return config && effectiveConfig(config);
}

/** What two configurations have alike. */
export function commonConfig(one: DeviceConfig, other: DeviceConfig): DeviceConfig {
  const entries = Object.entries(one).flatMap(([key, value]): [string, Json][] => {
    const opposite = own(other, key);
    if (isObject(value) && isObject(opposite)) {
      const common = commonConfig(value, opposite);
      return Object.keys(common).length === 0 ? [] : [[key, common]];
    }
    return opposite !== undefined && sameValue(opposite, value) ? [[key, value]] : [];
  });
  return Object.fromEntries(entries);
}

/** What a configuration has besides a common part of it: merged over that part, it is the configuration again. */
export function restOfConfig(config: DeviceConfig, common: DeviceConfig): DeviceConfig {
  const entries = Object.entries(config).flatMap(([key, value]): [string, Json][] => {
    const part = own(common, key);
    if (part === undefined) return [[key, value]];
    if (!isObject(value) || !isObject(part)) return [];
    const rest = restOfConfig(value, part);
    return Object.keys(rest).length === 0 ? [] : [[key, rest]];
  });
  return Object.fromEntries(entries);
}

/** The nearer settings over the farther, key by key. A `null` is kept: it removes what is still farther. */
export function mergeConfig(farther: DeviceConfig, nearer: DeviceConfig): DeviceConfig {
  const merged = new Map(Object.entries(farther));
  for (const [key, value] of Object.entries(nearer)) {
    const present = merged.get(key);
    merged.set(key, isObject(value) && isObject(present) ? mergeConfig(present, value) : value);
  }
  return Object.fromEntries(merged);
}

/** What is left to be set: without nulls and without objects that hold nothing; `undefined` where nothing is. */
export function effectiveConfig(config: DeviceConfig): DeviceConfig | undefined {
  const entries = Object.entries(config).flatMap(([key, value]): [string, Json][] => {
    if (value === null) return [];
    if (!isObject(value)) return [[key, value]];
    const inner = effectiveConfig(value);
    return inner === undefined ? [] : [[key, inner]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The configuration as one text, with its keys in order: the same settings have the same text. */
export function configText(config: DeviceConfig): string {
  return JSON.stringify(sorted(config));
}

/** Whether two configurations are the same. */
export function sameConfig(one: DeviceConfig | undefined, other: DeviceConfig | undefined): boolean {
  if (one === other) return true;
  return one !== undefined && other !== undefined && configText(one) === configText(other);
}

/** The configuration of a text; `undefined` for what is not a JSON object. */
export function parseConfig(text: string): DeviceConfig | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return asConfig(value);
  } catch {
    return undefined;
  }
}

/** Any value as a configuration; `undefined` for what is not a JSON object. */
export function asConfig(value: unknown): DeviceConfig | undefined {
  return isJson(value) && isObject(value) ? value : undefined;
}

/** A map as a configuration, or what no device could take of it. */
export function judgedConfig(value: Readonly<Record<string, unknown>>): Read<DeviceConfig> {
  const config = asConfig(value);
  if (config === undefined) {
    return {
      ok: false,
      message: "config holds a value that JSON has not",
      fix: "use texts, numbers, true, false, lists and maps",
    };
  }
  const violation = checkConfig(config);
  return violation === undefined ? { ok: true, value: config } : { ok: false, ...violation };
}

/** Whether data is nested too deeply for a shadow. It may be nested as deeply as it likes. */
export function tooManyLevels(value: unknown): Violation | undefined {
  let level = [value];
  for (let depth = 0; depth <= MOST_LEVELS; depth++) {
    level = level.filter((each) => typeof each === "object" && each !== null);
    if (level.length === 0) return undefined;
    level = level.flatMap((each) => Object.values(each as object) as unknown[]);
  }
  return {
    message: `config has more than ${MOST_LEVELS} levels, which a shadow can't hold`,
    fix: "nest it less deeply",
  };
}

/** What of a configuration nRF Cloud, AWS IoT or a modem would not take; `undefined` where nothing is. */
export function checkConfig(config: DeviceConfig): Violation | undefined {
  const reserved = OF_NRF_CLOUD.find((key) => Object.hasOwn(config, key));
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
      fix: "write it in quotes, as a text",
    };
  }
  // As nRF Cloud sends it to a modem that has none of it yet, with any version and time.
  const message = { state: config, version: 999_999, timestamp: 9_999_999_999 };
  const bytes = Buffer.byteLength(JSON.stringify(message));
  if (bytes > MODEM_BYTES) {
    return {
      message: `config is too large for a modem: its shadow message would have ${bytes} bytes, and ${MODEM_BYTES} are allowed`,
      fix: "shorten it",
    };
  }
  return undefined;
}

/**
 * What to send, so that a desired section has the configuration; `undefined` where it has it already. Keys that are not of `former` or
 * `config` are never in it.
 * @param former what was set before, of which the keys that are not declared any more are removed
 */
export function configChange(
  desired: Readonly<Record<string, unknown>>,
  former: DeviceConfig | undefined,
  config: DeviceConfig | undefined,
): DeviceConfig | undefined {
  const change: [string, Json][] = [];
  for (const [key, value] of Object.entries(config ?? {})) {
    const present = own(desired, key);
    if (isObject(value) && isRecord(present)) {
      const inner = configChange(present, objectAt(former, key), value);
      if (inner !== undefined) change.push([key, inner]);
    } else if (!sameValue(present, value)) change.push([key, value]);
  }
  for (const key of Object.keys(former ?? {})) {
    if (config !== undefined && Object.hasOwn(config, key)) continue;
    if (!Object.hasOwn(desired, key)) continue;
    const [present, before] = [own(desired, key), objectAt(former, key)];
    const removed = before !== undefined && isRecord(present) ? removal(present, before) : null;
    if (removed !== undefined) change.push([key, removed]);
  }
  return change.length === 0 ? undefined : Object.fromEntries(change);
}

/** What a desired section has of the keys of a configuration; `undefined` where it has none. */
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

/** Each value that is not an object itself, by its path, such as `gnss.timeout`. */
export function configLeaves(section: Readonly<Record<string, unknown>>): ReadonlyMap<string, Json> {
  return new Map(
    Object.entries(section).flatMap(([key, value]): [string, Json][] => {
      if (isRecord(value)) return [...configLeaves(value)].map(([inner, leaf]) => [`${key}.${inner}`, leaf]);
      return isJson(value) ? [[key, value]] : [];
    }),
  );
}

/** How many bytes a desired section has once a change is in it. */
export function bytesAfter(desired: Readonly<Record<string, unknown>>, change: DeviceConfig): number {
  return Buffer.byteLength(
    JSON.stringify(effectiveConfig(mergeConfig(asConfig(desired) ?? {}, change)) ?? {}),
  );
}

/** The removal of what was set below a key, which is all of it only where others have not set more there. */
function removal(present: Readonly<Record<string, unknown>>, before: DeviceConfig): Json | undefined {
  const inner = configChange(present, before, undefined);
  if (inner === undefined) return undefined;
  return Object.keys(present).every((key) => own(inner, key) === null) ? null : inner;
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function objectAt(config: DeviceConfig | undefined, key: string): DeviceConfig | undefined {
  const value = config === undefined ? undefined : own(config, key);
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
