/** Finds the groups of a fleet file for devices that it does not declare yet. */
import { foldIds } from "../../provider/fleet/foldIds.js";
import { groupPairs } from "../../provider/fleet/groupBy.js";
import { sameMembers } from "../../provider/reconcile/table/members.js";
import type { FleetFile, Definition } from "./fleetFile.js";
import { NO_SUB_TYPE, type ExportedDevice } from "./exportedDevice.js";
import type { Value } from "./text.js";

/** New members of an existing group. */
export interface GroupAddition {
  readonly group: string;
  readonly key: "ids" | "devices";
  readonly items: readonly Value[];
  readonly devices: readonly ExportedDevice[];
}

/** New devices, by where to declare them: in existing groups with the same settings, in new groups, or nowhere, because of `defaults`. */
export interface Placement {
  readonly additions: readonly GroupAddition[];
  readonly others: readonly ExportedDevice[];
  readonly refused: readonly { readonly deviceId: string; readonly reason: string }[];
}

/** An existing group that may declare new devices. */
interface JoinableGroup {
  readonly name: string;
  readonly key: "ids" | "devices";
  readonly subType: string | undefined;
  readonly template: string | undefined;
  readonly adopts: boolean;
  readonly accepts: (device: ExportedDevice) => boolean;
}

/** Devices with a name or a sub-type that a file can't declare. The file must not declare another one. */
export interface Undeclarable {
  readonly nameless: ReadonlySet<string>;
  readonly typeless: ReadonlySet<string>;
}

/** @param groups the groups after the update, by name */
export function placeNewDevices(
  fleetFile: FleetFile,
  groups: ReadonlyMap<string, Definition>,
  newDevices: readonly ExportedDevice[],
  { nameless, typeless }: Undeclarable,
): Placement {
  if (newDevices.length === 0) return { additions: [], others: [], refused: [] };
  const { defaults } = fleetFile;
  const hosts = [...groups].flatMap(([name, group]) => joinableGroup(name, group, fleetFile) ?? []);
  const joining: [JoinableGroup, ExportedDevice][] = [];
  const others: ExportedDevice[] = [];
  const refused: { deviceId: string; reason: string }[] = [];
  for (const device of newDevices) {
    const { deviceId } = device;
    const host = hosts.find(
      (each) =>
        each.accepts(device) &&
        !(typeless.has(deviceId) && each.subType !== undefined) &&
        !(nameless.has(deviceId) && each.template !== undefined) &&
        (each.key === "devices" || nameIn(each, deviceId) === device.name),
    );
    if (host !== undefined) {
      joining.push([host, device]);
      continue;
    }
    const missingTags = defaults.tags.filter((tag) => !device.tags.includes(tag));
    const reason =
      missingTags.length > 0
        ? `the defaults of the file give every device the tags ${missingTags.join(", ")}, which it does not have`
        : (nameless.has(deviceId) && defaults.name !== undefined) ||
            (typeless.has(deviceId) && defaults.subType !== undefined)
          ? "the defaults of the file would give it another name or sub-type"
          : undefined;
    if (reason === undefined) others.push(device);
    else refused.push({ deviceId, reason });
  }
  const additions = [...groupPairs(joining)].map(([host, devices]) => join(host, devices));
  return { additions, others, refused };
}

function joinableGroup(name: string, group: Definition, fleetFile: FleetFile): JoinableGroup | undefined {
  if (group.csv !== undefined) return undefined;
  const { ids, devices: _devices, ...settings } = group;
  const [probe] = fleetFile.resolveGroup("groups", name, { ...settings, devices: ["probe"] }) ?? [];
  if (probe === undefined || !("firmwareTypes" in probe)) return undefined;
  const template = typeof settings.name === "string" ? settings.name : fleetFile.defaults.name?.text;
  const { subType, tags, firmwareTypes } = probe;
  const adopts = probe.adopt === "keep";
  // A group without settings does not get every new device, unless an export wrote it.
  const isParticular = subType !== undefined || tags.length > 0 || adopts;
  const key = ids === undefined ? "devices" : "ids";
  return {
    name,
    key,
    subType,
    adopts,
    template: template?.replaceAll("{group}", name),
    accepts: (device) =>
      isParticular &&
      (key === "devices" || adopts) &&
      (device.subType ?? NO_SUB_TYPE) === (subType ?? NO_SUB_TYPE) &&
      sameMembers(device.tags, tags) &&
      // Devices report their firmware types. A group that declares none accepts all.
      (firmwareTypes.length === 0 || sameMembers(device.firmwareTypes, firmwareTypes)),
  };
}

function nameIn({ template }: JoinableGroup, deviceId: string): string | undefined {
  const name = template?.replaceAll("{id}", deviceId);
  return name === deviceId ? undefined : name;
}

function join(host: JoinableGroup, devices: readonly ExportedDevice[]): GroupAddition {
  const { name: group, key } = host;
  if (key === "ids") return { group, key, devices, items: foldIds(devices.map(({ deviceId }) => deviceId)) };
  const items = devices.map((device): Value => {
    const { deviceId: id, name } = device;
    const hasOwnName = nameIn(host, id) !== name;
    if (!hasOwnName && host.adopts) return id;
    return { id, ...(hasOwnName && { name: name ?? "{id}" }), ...(!host.adopts && { adopt: true }) };
  });
  return { group, key, devices, items };
}
