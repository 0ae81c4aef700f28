/** Devices put into groups by what they have in common. */
import { commonConfig, configText, restOfConfig, type DeviceConfig } from "../../provider/fleet/config.js";
import { foldIds } from "../../provider/fleet/foldIds.js";
import type { FirmwareType } from "../../provider/fleet/rules.js";
import { nameGroups } from "./groupNames.js";
import { inNaturalOrder } from "../../provider/fleet/naturalOrder.js";
import type { ExportedDevice } from "./exportedDevice.js";

/** A group of a fleet file. All its devices are to be adopted. */
export interface GroupPlan {
  readonly name: string;
  readonly subType?: string;
  readonly tags: readonly string[];
  readonly firmwareTypes: readonly FirmwareType[];
  /** Display name of the devices that bring none, with `{id}` in it. */
  readonly template?: string;
  /** What is desired of all its devices. */
  readonly config?: DeviceConfig;
  readonly members: Members;
}

/** The devices of a group: as patterns, or one by one where they have something of their own. */
export type Members =
  | { readonly kind: "ids"; readonly patterns: readonly string[] }
  | { readonly kind: "devices"; readonly entries: readonly Entry[] };

/** A listed device, with what it has besides what its group says. */
export interface Entry {
  readonly deviceId: string;
  readonly tags: readonly string[];
  readonly name?: string;
  readonly config?: DeviceConfig;
}

/** Fewer devices than this do not make a group of their own, if they can be listed with others. */
const FEW = 3;

/** What the names of several devices have in common. */
type NameForm =
  { readonly kind: "none" } | { readonly kind: "template"; readonly text: string } | { readonly kind: "own" };

interface Class {
  readonly form: NameForm;
  readonly devices: readonly ExportedDevice[];
}

type Draft = Omit<GroupPlan, "name">;

/**
 * Groups devices of the same sub-type, firmware types, tags and configuration, with names of the same form. What is left over,
 * because hardly any other device has its tags, its configuration or its name, is listed one by one, in one group for each sub-type.
 * @param taken names of groups that are there already
 */
export function planGroups(
  devices: readonly ExportedDevice[],
  taken: ReadonlySet<string> = new Set(),
): GroupPlan[] {
  const families = partition(devices, ({ subType, firmwareTypes }) => [subType, sorted(firmwareTypes)]);
  const drafts = families.flatMap((family) => {
    const classes = classify(family);
    const [large, small] = [classes.filter(isLarge), classes.filter((each) => !isLarge(each))];
    const rest = small.length === 1 ? small.map(draftOf) : listed(small.flatMap((each) => each.devices));
    return [...large.map(draftOf), ...rest];
  });
  return nameGroups(drafts, taken);
}

function isLarge({ devices }: Class): boolean {
  return devices.length >= FEW;
}

/** Devices with the same tags and configuration, and names of the same form. */
function classify(family: readonly ExportedDevice[]): Class[] {
  const aspect = ({ tags, config }: ExportedDevice) => [sorted(tags), config && configText(config)];
  return partition(family, aspect).flatMap((alike) => {
    const byForm = partition(alike, (device) => formOf(device)).map((devices): Class => {
      const [first] = devices;
      return { form: first === undefined ? { kind: "none" } : formOf(first), devices };
    });
    // A template that hardly any name follows is a coincidence.
    const isOwn = ({ form, devices }: Class) =>
      form.kind === "own" || (form.kind === "template" && devices.length < FEW);
    const own = byForm.filter(isOwn).flatMap(({ devices }) => devices);
    const shared = byForm.filter((each) => !isOwn(each));
    return own.length === 0 ? shared : [...shared, { form: { kind: "own" }, devices: own }];
  });
}

function formOf({ deviceId, name }: ExportedDevice): NameForm {
  if (name === undefined) return { kind: "none" };
  if (!name.includes(deviceId)) return { kind: "own" };
  return { kind: "template", text: name.replaceAll(deviceId, "{id}") };
}

function draftOf({ form, devices }: Class): Draft {
  if (form.kind === "own") return listOf(devices);
  return {
    ...settingsOf(devices),
    ...(form.kind === "template" && { template: form.text }),
    members: { kind: "ids", patterns: foldIds(devices.map(({ deviceId }) => deviceId)) },
  };
}

function listed(devices: readonly ExportedDevice[]): Draft[] {
  return devices.length === 0 ? [] : [listOf(devices)];
}

function listOf(devices: readonly ExportedDevice[]): Draft {
  const settings = settingsOf(devices);
  const common = new Set(settings.tags);
  const entries = devices.map(({ deviceId, tags, name, config }) => ({
    deviceId,
    tags: tags.filter((tag) => !common.has(tag)),
    ...(name !== undefined && { name }),
    ...ownConfig(config, settings.config),
  }));
  return {
    ...settings,
    members: {
      kind: "devices",
      entries: entries.sort((one, other) => inNaturalOrder(one.deviceId, other.deviceId)),
    },
  };
}

/** What devices of one family all have. */
function settingsOf(
  devices: readonly ExportedDevice[],
): Pick<GroupPlan, "subType" | "tags" | "firmwareTypes" | "config"> {
  const [first, ...others] = devices;
  if (first === undefined) return { tags: [], firmwareTypes: [] };
  const { subType, firmwareTypes } = first;
  const config = sharedConfig(devices);
  return {
    ...(config && { config }),
    ...(subType !== undefined && { subType }),
    tags: others.reduce<readonly string[]>(
      (common, { tags }) => common.filter((tag) => tags.includes(tag)),
      first.tags,
    ),
    firmwareTypes,
  };
}

/** What is desired of all of these devices; `undefined` for nothing. */
export function sharedConfig(devices: readonly Pick<ExportedDevice, "config">[]): DeviceConfig | undefined {
  const [first, ...others] = devices.map(({ config = {} }) => config);
  const shared = first && others.reduce(commonConfig, first);
  return shared === undefined || Object.keys(shared).length === 0 ? undefined : shared;
}

/** What a device has besides what is desired of all. */
export function ownConfig(
  config: DeviceConfig | undefined,
  shared: DeviceConfig | undefined = {},
): { readonly config?: DeviceConfig } {
  const own = config === undefined ? {} : restOfConfig(config, shared);
  return Object.keys(own).length === 0 ? {} : { config: own };
}

/** Items that are alike in what `aspect` tells of them, in the order in which the first of each comes. */
function partition<Item>(items: readonly Item[], aspect: (item: Item) => unknown): Item[][] {
  const parts = new Map<string, Item[]>();
  for (const item of items) {
    const key = JSON.stringify(aspect(item));
    const part = parts.get(key);
    if (part) part.push(item);
    else parts.set(key, [item]);
  }
  return [...parts.values()];
}

function sorted(texts: readonly string[]): string[] {
  return [...texts].sort();
}
