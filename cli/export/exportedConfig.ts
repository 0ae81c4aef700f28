import type { CloudDevice } from "../../provider/cloud/answers.js";
import { shadowOf } from "../../provider/cloud/shadow.js";
import {
  checkConfig,
  configOfDesired,
  configText,
  effectiveConfig,
  sameConfig,
  type DeviceConfig,
} from "../../provider/fleet/config.js";
import { diskIo } from "../../provider/fleet/disk.js";
import { loadFleet } from "../../provider/fleet/load.js";
import { FleetFileError } from "../../provider/fleet/problems.js";
import { quote } from "../../provider/fleet/rules.js";
import { heading } from "../../provider/fleet/validate.js";
import { openSettings } from "../report/secrets.js";
import { inline } from "./text.js";

/** What a fleet file can say of what is desired of a device, and why it can't say the rest. */
export interface ExportedConfig {
  readonly config?: DeviceConfig;
  readonly problems: readonly string[];
}

const NOTHING: ExportedConfig = { problems: [] };

/**
 * What the shadows of devices have as desired, in the words of a fleet file. What looks like a secret is left out, and so is what no fleet
 * file can say: the devices keep both, as keys that are not declared are never touched. Devices that were read without their shadows have
 * nothing.
 */
export function exportedConfigs(devices: readonly CloudDevice[]): (device: CloudDevice) => ExportedConfig {
  const desired = new Map(
    devices.flatMap((device) => {
      const config = desiredOf(device);
      return config === undefined ? [] : [[configText(config), config] as const];
    }),
  );
  const exported = new Map([...desired].map(([text, config]) => [text, withoutSecrets(config)]));
  const problems = problemsOf(
    [...exported.values()].flatMap(({ config }) => (config === undefined ? [] : [config])),
  );
  for (const [text, { config, problems: secrets }] of exported) {
    if (config === undefined || !problems.has(config)) continue;
    const { config: sayable, problems: others } = withoutUnsayable(config);
    exported.set(text, { ...(sayable && { config: sayable }), problems: [...secrets, ...others] });
  }
  return (device) => {
    const config = desiredOf(device);
    return (config && exported.get(configText(config))) ?? NOTHING;
  };
}

function desiredOf(device: CloudDevice): DeviceConfig | undefined {
  return configOfDesired(shadowOf(device)?.desired ?? {});
}

function withoutSecrets(desired: DeviceConfig): ExportedConfig {
  const { open, hidden } = openSettings(desired);
  const config = effectiveConfig(open);
  return { ...(config && { config }), problems: hidden.map((key) => `${quote(key)} may be a secret`) };
}

function withoutUnsayable(config: DeviceConfig): ExportedConfig {
  const single = Object.entries(config).map(([key, value]) => ({ key, alone: { [key]: value } }));
  const strange = problemsOf(single.map(({ alone }) => alone));
  const problems = single.flatMap(({ key, alone }) => {
    const problem = strange.get(alone);
    return problem === undefined ? [] : [`${quote(key)}: ${problem}`];
  });
  const sayable = Object.fromEntries(
    single.flatMap(({ alone }) => (strange.has(alone) ? [] : Object.entries(alone))),
  );
  // Each key may be fine, and all of them too large.
  const whole = problemsOf([sayable]).get(sayable);
  return whole === undefined ? { config: sayable, problems } : { problems: [...problems, whole] };
}

/** As many as are loaded at once. */
const TOGETHER = 200;

/** Why a fleet file can't say those that it can't. The loader is the judge, of all at once where there is nothing to judge. */
function problemsOf(configs: readonly DeviceConfig[]): ReadonlyMap<DeviceConfig, string> {
  const [first, ...others] = configs;
  if (first === undefined) return new Map();
  if (configs.length > TOGETHER) return inHalves(configs);
  const problem = problemAmong(configs);
  if (problem === undefined) return new Map();
  return others.length === 0 ? new Map([[first, problem]]) : inHalves(configs);
}

function inHalves(configs: readonly DeviceConfig[]): ReadonlyMap<DeviceConfig, string> {
  const middle = Math.ceil(configs.length / 2);
  return new Map([...problemsOf(configs.slice(0, middle)), ...problemsOf(configs.slice(middle))]);
}

function problemAmong(configs: readonly DeviceConfig[]): string | undefined {
  const text = JSON.stringify(configs);
  if (Buffer.from(text).toString() !== text) return "config has half a character";
  const violation = configs.map(checkConfig).find((found) => found !== undefined);
  if (violation !== undefined) return violation.message;
  const file = [
    `apiVersion: ${heading.apiVersion}`,
    `kind: ${heading.kind}`,
    "groups:",
    "  all:",
    "    adopt: true",
    "    devices:",
    ...configs.map((config, index) => `      - { id: d${index}, config: ${inline(config)} }`),
  ].join("\n");
  try {
    const { devices } = loadFleet("fleet.yaml", { ...diskIo, readBytes: () => Buffer.from(file) });
    return configs.every((config, index) => sameConfig(devices[index]?.config, effectiveConfig(config)))
      ? undefined
      : "config means something else in a fleet file";
  } catch (error) {
    if (error instanceof FleetFileError) return error.problems[0]?.message ?? error.message;
    throw error;
  }
}
