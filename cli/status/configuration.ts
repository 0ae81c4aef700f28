import { findShadows, type DeviceShadow } from "../../provider/cloud/shadow.js";
import type { Transport } from "../../provider/cloud/transport.js";
import { configChange, type DeviceConfig, type Json } from "../../provider/fleet/config.js";
import { isRecord } from "../../provider/fleet/data.js";
import { idText } from "../fleet/idText.js";
import { cut, visible } from "../report/escape.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { hiddenSetting } from "../report/secrets.js";
import { count, figure } from "../terminal.js";
import { deviceLines } from "./words.js";

/** A device, with its desired configuration if it has one. */
export interface Configured {
  readonly id: string;
  readonly config: DeviceConfig | undefined;
}

/** The desired configuration of a device, compared with what it reports. */
export interface Configuration {
  readonly id: string;
  /** Whether the account shows the device to the API key. */
  readonly isInAccount: boolean;
  readonly settings: readonly Setting[];
}

/** One key, such as `gnss.timeout`, with values as JSON. The values of a key that looks like a secret are hidden. */
export interface Setting {
  readonly key: string;
  readonly desired: string;
  /** `undefined` if the device has not reported the key. */
  readonly reported: string | undefined;
  readonly isReported: boolean;
}

/** Devices with the same differences. */
export interface Difference {
  readonly ids: readonly string[];
  readonly settings: readonly Setting[];
}

/** Reads what the devices with a configuration report (ListDevices, a hundred a call). Without such devices it sends no request. */
export async function configurations(
  transport: Transport,
  devices: readonly Configured[],
): Promise<readonly Configuration[]> {
  const configured = devices.filter(({ config }) => config !== undefined);
  if (configured.length === 0) return [];
  const shadows = await findShadows(
    transport,
    configured.map(({ id }) => id),
  );
  return configured.map((device) => configurationOf(device, shadows.get(device.id)));
}

/** @param shadow `undefined` if the account does not show the device */
export function configurationOf(
  { id, config = {} }: Configured,
  shadow: Pick<DeviceShadow, "reported"> | undefined,
): Configuration {
  return { id, isInAccount: shadow !== undefined, settings: settingsOf(config, shadow?.reported, "") };
}

function settingsOf(config: DeviceConfig, reported: unknown, prefix: string): readonly Setting[] {
  return Object.entries(config).flatMap(([name, value]): readonly Setting[] => {
    const key = `${prefix}${name}`;
    const has = isRecord(reported) && Object.hasOwn(reported, name);
    const present = has ? reported[name] : undefined;
    if (isGroup(value)) return settingsOf(value, present, `${key}.`);
    return [
      {
        key,
        desired: hiddenSetting(key, value),
        reported: has ? hiddenSetting(key, present) : undefined,
        isReported: has && configChange({ value: present }, undefined, { value }) === undefined,
      },
    ];
  });
}

function isGroup(value: Json): value is DeviceConfig {
  return isRecord(value);
}

/** Devices of the account that do not report their desired configuration, with the settings that differ. */
export function differencesIn(all: readonly Configuration[]): readonly Difference[] {
  const behind = all.flatMap(({ id, isInAccount, settings }) => {
    const differing = isInAccount ? settings.filter(({ isReported }) => !isReported) : [];
    return differing.length === 0 ? [] : [{ id, settings: differing }];
  });
  return [...groupBy(behind, ({ settings }) => JSON.stringify(settings)).values()].flatMap((some) => {
    const [first] = some;
    return first === undefined ? [] : [{ ids: some.map(({ id }) => id), settings: first.settings }];
  });
}

/** The state of the configurations as lines of text. Devices with the same differences share a line. */
export function configurationLines(all: readonly Configuration[]): readonly string[] {
  if (all.length === 0) return [];
  const differences = differencesIn(all);
  const hidden = all.filter(({ isInAccount }) => !isInAccount);
  const behind = differences.reduce((sum, { ids }) => sum + ids.length, 0);
  const reporting = all.length - hidden.length - behind;
  return [
    `Configuration: of ${count(all.length, "device")} ${figure(reporting)} report what is desired.`,
    ...differences.flatMap(({ ids, settings }) => [
      `  ${count(ids.length, "device")} (${idText(ids)}) not yet:`,
      ...settings.map((setting) => `    ${settingText(setting)}`),
    ]),
    ...deviceLines(
      hidden.map(({ id }) => id),
      "not in the account",
    ),
  ];
}

/** One setting, with its desired and its reported value. */
export function settingText({ key, desired, reported, isReported }: Setting): string {
  const [name, wanted] = [shown(key), shown(desired)];
  if (isReported) return `${name}: ${wanted}, reported`;
  return `${name}: ${wanted} desired, ${reported === undefined ? "nothing" : shown(reported)} reported`;
}

/** Cuts and escapes a reported value: it may be long, and contain control characters. */
function shown(text: string): string {
  return cut(visible(text), MOST_SHOWN);
}

const MOST_SHOWN = 200;
