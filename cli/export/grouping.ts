/** Groups devices by their common settings. */
import { commonConfig, configText, restOfConfig, type DeviceConfig } from "../../provider/fleet/config.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { foldIds } from "../../provider/fleet/foldIds.js";
import type { FirmwareType } from "../../provider/fleet/rules.js";
import { nameGroups } from "./groupNames.js";
import { inNaturalOrder } from "../../provider/fleet/naturalOrder.js";
import type { ExportedDevice } from "./exportedDevice.js";

/** A group of a fleet file, which adopts all its devices. */
export interface GroupPlan {
  readonly name: string;
  readonly subType?: string;
  readonly tags: readonly string[];
  readonly firmwareTypes: readonly FirmwareType[];
  /** Display name of all devices without a name in their entry. It contains `{id}`. */
  readonly template?: string;
  /** The configuration of all its devices. */
  readonly config?: DeviceConfig;
  readonly members: Members;
}

/** The devices of a group: as patterns, or as a list if some have tags or names that the others do not have. */
export type Members =
  | { readonly kind: "ids"; readonly patterns: readonly string[] }
  | { readonly kind: "devices"; readonly entries: readonly Entry[] };

/** A listed device, with what its group does not declare already. */
export interface Entry {
  readonly deviceId: string;
  readonly tags: readonly string[];
  readonly name?: string;
  readonly config?: DeviceConfig;
}

/** Fewer devices than this get no group, if another group can list them. */
const SMALLEST_GROUP = 3;

/** How the names of several devices are formed. `own` means that they have nothing in common. */
type NameForm =
  { readonly kind: "none" } | { readonly kind: "template"; readonly text: string } | { readonly kind: "own" };

interface Class {
  readonly form: NameForm;
  readonly devices: readonly ExportedDevice[];
}

type Draft = Omit<GroupPlan, "name">;

/**
 * Groups devices of the same sub-type, firmware types, tags and configuration, with names of the same form. The remaining devices,
 * whose tags, configurations or names few others have, are listed in one group for each sub-type.
 * @param taken names of existing groups
 */
export function planGroups(
  devices: readonly ExportedDevice[],
  taken: ReadonlySet<string> = new Set(),
): GroupPlan[] {
  const families = partition(devices, ({ subType, firmwareTypes }) => [subType, sorted(firmwareTypes)]);
  const drafts = families.flatMap((family) => {
    const classes = classify(family);
    const [large, small] = [classes.filter(isLarge), classes.filter((each) => !isLarge(each))];
    const rest =
      small.length === 1 ? small.map(draftOf) : listedTogether(small.flatMap((each) => each.devices));
    return [...large.map(draftOf), ...rest];
  });
  return nameGroups(drafts, taken);
}

function isLarge({ devices }: Class): boolean {
  return devices.length >= SMALLEST_GROUP;
}

/** Splits devices by their tags, their configuration and the form of their names. */
function classify(family: readonly ExportedDevice[]): Class[] {
  const aspect = ({ tags, config }: ExportedDevice) => [sorted(tags), config && configText(config)];
  return partition(family, aspect).flatMap((alike) => {
    const byForm = partition(alike, (device) => formOf(device)).map((devices): Class => {
      const [first] = devices;
      return { form: first === undefined ? { kind: "none" } : formOf(first), devices };
    });
    // A template that only one or two names follow is a coincidence.
    const isOwn = ({ form, devices }: Class) =>
      form.kind === "own" || (form.kind === "template" && devices.length < SMALLEST_GROUP);
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
  if (form.kind === "own") return listDraft(devices);
  return {
    ...settingsOf(devices),
    ...(form.kind === "template" && { template: form.text }),
    members: { kind: "ids", patterns: foldIds(devices.map(({ deviceId }) => deviceId)) },
  };
}

function listedTogether(devices: readonly ExportedDevice[]): Draft[] {
  return devices.length === 0 ? [] : [listDraft(devices)];
}

function listDraft(devices: readonly ExportedDevice[]): Draft {
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

/** The common settings of devices that have the same sub-type and firmware types. */
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

/** The common part of the configurations of these devices; `undefined` if they have none. */
export function sharedConfig(devices: readonly Pick<ExportedDevice, "config">[]): DeviceConfig | undefined {
  const [first, ...others] = devices.map(({ config = {} }) => config);
  const shared = first && others.reduce(commonConfig, first);
  return shared === undefined || Object.keys(shared).length === 0 ? undefined : shared;
}

/** The configuration of a device without the common part. */
export function ownConfig(
  config: DeviceConfig | undefined,
  shared: DeviceConfig | undefined = {},
): { readonly config?: DeviceConfig } {
  const own = config === undefined ? {} : restOfConfig(config, shared);
  return Object.keys(own).length === 0 ? {} : { config: own };
}

/** Splits items by an aspect, which is compared by its JSON text. */
function partition<Item>(items: readonly Item[], aspect: (item: Item) => unknown): Item[][] {
  return [...groupBy(items, (item) => JSON.stringify(aspect(item))).values()];
}

function sorted(texts: readonly string[]): string[] {
  return [...texts].sort();
}
