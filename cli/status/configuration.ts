import { findShadows, type DeviceShadow } from "../../provider/cloud/shadow.js";
import type { Transport } from "../../provider/cloud/transport.js";
import { configChange, configLeaves } from "../../provider/fleet/config.js";
import { idText } from "../fleet/idText.js";
import { grouped } from "../report/grouped.js";
import { count, figure } from "../terminal.js";
import type { ManagedDevice } from "./devices.js";

/** What is desired of a device, by the state, against what the account has and what the device reports. */
export interface Configuration {
  readonly id: string;
  readonly settings: readonly Setting[];
}

/** One key, such as `gnss.timeout`, with values as JSON. */
export interface Setting {
  readonly key: string;
  readonly desired: string;
  /** `undefined` where the device has not reported any. */
  readonly reported: string | undefined;
  readonly isReported: boolean;
}

/** Reads what the devices with a configuration report (ListDevices, a hundred a call); without any, asks nothing. */
export async function configurations(
  transport: Transport,
  devices: readonly ManagedDevice[],
): Promise<readonly Configuration[]> {
  const configured = devices.filter(({ config }) => config !== undefined);
  if (configured.length === 0) return [];
  const shadows = await findShadows(
    transport,
    configured.map(({ id }) => id),
  );
  return configured.map((device) => configurationOf(device, shadows.get(device.id)));
}

/** @param shadow `undefined` where the account does not show the device */
export function configurationOf(
  { id, config = {} }: Pick<ManagedDevice, "id" | "config">,
  shadow: Pick<DeviceShadow, "reported"> | undefined,
): Configuration {
  const reported = configLeaves(shadow?.reported ?? {});
  return {
    id,
    settings: [...configLeaves(config)].map(([key, value]) => ({
      key,
      desired: JSON.stringify(value),
      reported: reported.has(key) ? JSON.stringify(reported.get(key)) : undefined,
      isReported: configChange({ value: reported.get(key) }, undefined, { value }) === undefined,
    })),
  };
}

/** How far devices are with what is desired of them, in lines: those that are alike stand together. */
export function configurationLines(all: readonly Configuration[]): readonly string[] {
  if (all.length === 0) return [];
  const behind = all.filter(({ settings }) => settings.some(({ isReported }) => !isReported));
  const groups = grouped(behind, ({ settings }) =>
    JSON.stringify(settings.filter(isBehind).map(settingText)),
  );
  return [
    `Configuration: of ${count(all.length, "device")} ${figure(all.length - behind.length)} report what is desired.`,
    ...[...groups.values()].flatMap((some) => {
      const [first] = some;
      if (first === undefined) return [];
      return [
        `  ${count(some.length, "device")} (${idText(some.map(({ id }) => id))}) not yet:`,
        ...first.settings.filter(isBehind).map((setting) => `    ${settingText(setting)}`),
      ];
    }),
  ];
}

/** One key with both of its values. */
export function settingText({ key, desired, reported, isReported }: Setting): string {
  if (isReported) return `${key}: ${desired}, reported`;
  return `${key}: ${desired} desired, ${reported ?? "nothing"} reported`;
}

function isBehind({ isReported }: Setting): boolean {
  return !isReported;
}
