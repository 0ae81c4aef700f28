/** Groups as lines of a fleet file. */
import type { DeviceSettings } from "../../provider/fleet/definition.js";
import { NO_SUB_TYPE } from "./exportedDevice.js";
import type { Entry, GroupPlan } from "./grouping.js";
import { inline, settingLines, type Value } from "./text.js";

/** The settings that a fleet's `defaults` declare. */
export type Defaults = Pick<DeviceSettings, "subType" | "tags" | "firmwareTypes" | "name">;

/** The settings of a group that adopts its devices, without those that `defaults` declare. */
export function settingsOf(group: GroupPlan, defaults: Defaults): ReadonlyMap<string, Value> {
  const settings = new Map<string, Value>();
  const subType = group.subType ?? (defaults.subType === undefined ? undefined : NO_SUB_TYPE);
  if (subType !== undefined && subType !== defaults.subType) settings.set("subType", subType);
  const tags = group.tags.filter((tag) => defaults.tags?.includes(tag) !== true);
  if (tags.length > 0) settings.set("tags", tags);
  const defaultTypes = defaults.firmwareTypes ?? [];
  if (String(group.firmwareTypes) !== String(defaultTypes))
    settings.set("firmwareTypes", group.firmwareTypes);
  const name = group.template ?? (defaults.name === undefined ? undefined : "{id}");
  if (name !== undefined && name !== defaults.name) settings.set("name", name);
  settings.set("adopt", true);
  if (group.config !== undefined) settings.set("config", group.config);
  return settings;
}

/** The lines of a group, not indented. */
export function groupLines(group: GroupPlan, defaults: Defaults, step = "  "): string[] {
  const members =
    group.members.kind === "ids"
      ? listLines("ids", group.members.patterns, step)
      : listLines("devices", group.members.entries.map(entryValue), step);
  const settings = [...settingsOf(group, defaults)].flatMap(([key, value]) => settingLines(key, value, step));
  return [`${inline(group.name)}:`, ...[...members, ...settings].map((line) => `${step}${line}`)];
}

/** A group on one line, for a file in flow style. */
export function groupInline(group: GroupPlan, defaults: Defaults): string {
  const [key, members] =
    group.members.kind === "ids"
      ? (["ids", group.members.patterns] as const)
      : (["devices", group.members.entries.map(entryValue)] as const);
  const list = `[${members.map((member) => inline(member, "flow")).join(", ")}]`;
  const settings = [...settingsOf(group, defaults)].map(
    ([name, value]) => `${name}: ${inline(value, "flow")}`,
  );
  return `${inline(group.name, "flow")}: { ${[`${key}: ${list}`, ...settings].join(", ")} }`;
}

/** A listed device: its id alone if it has nothing else. */
export function entryValue({ deviceId, tags, name, config }: Entry): Value {
  if (tags.length === 0 && name === undefined && config === undefined) return deviceId;
  return {
    id: deviceId,
    ...(name !== undefined && { name }),
    ...(tags.length > 0 && { tags }),
    ...(config !== undefined && { config }),
  };
}

function listLines(key: "ids" | "devices", items: readonly Value[], step: string): string[] {
  const [only, another] = items;
  if (key === "ids" && only !== undefined && another === undefined) return [`ids: ${inline(only)}`];
  return [`${key}:`, ...items.map((item) => `${step}- ${inline(item)}`)];
}
