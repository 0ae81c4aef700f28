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
import { heading } from "../../provider/fleet/shape/validate.js";
import { openSettings } from "../report/secrets.js";
import { inline } from "./text.js";

/** The configuration of a device as a fleet file can declare it, and why it can't declare the rest. */
export interface ExportedConfig {
  readonly config?: DeviceConfig;
  readonly problems: readonly string[];
}

const NOTHING: ExportedConfig = { problems: [] };

/**
 * The configurations in the shadows of devices, as a fleet file can declare them. Settings that look like secrets, and settings that
 * no fleet file can declare, are left out. The devices keep both, because the provider never changes keys that are not declared.
 * Devices that were read without their shadows have no configuration here.
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
    const { config: declarable, problems: others } = withoutUndeclarable(config);
    exported.set(text, { ...(declarable && { config: declarable }), problems: [...secrets, ...others] });
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

function withoutUndeclarable(config: DeviceConfig): ExportedConfig {
  const single = Object.entries(config).map(([key, value]) => ({ key, alone: { [key]: value } }));
  const invalid = problemsOf(single.map(({ alone }) => alone));
  const problems = single.flatMap(({ key, alone }) => {
    const problem = invalid.get(alone);
    return problem === undefined ? [] : [`${quote(key)}: ${problem}`];
  });
  const declarable = Object.fromEntries(
    single.flatMap(({ alone }) => (invalid.has(alone) ? [] : Object.entries(alone))),
  );
  // Each key may be valid, while all of them together are too large.
  const whole = problemsOf([declarable]).get(declarable);
  return whole === undefined ? { config: declarable, problems } : { problems: [...problems, whole] };
}

/** The number of configurations that are checked in one load. */
const BATCH_SIZE = 200;

/** Why a fleet file can't declare some configurations. The loader of fleet files decides: on all at once if they are all valid. */
function problemsOf(configs: readonly DeviceConfig[]): ReadonlyMap<DeviceConfig, string> {
  const [first, ...others] = configs;
  if (first === undefined) return new Map();
  if (configs.length > BATCH_SIZE) return inHalves(configs);
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
  if (Buffer.from(text).toString() !== text) return "config has an incomplete character";
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
      : "a fleet file reads this config differently";
  } catch (error) {
    if (error instanceof FleetFileError) return error.problems[0]?.message ?? error.message;
    throw error;
  }
}
