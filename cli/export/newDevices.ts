/** Where in a fleet file devices go that it doesn't have yet. */
import { foldIds } from "../../provider/fleet/foldIds.js";
import { sameMembers } from "../../provider/reconcile/table/members.js";
import type { FleetFile, Definition } from "./fleetFile.js";
import { NO_SUB_TYPE, type ExportedDevice } from "./exportedDevice.js";
import type { Value } from "./text.js";

/** New members of a group that is there already. */
export interface Joining {
  readonly group: string;
  readonly key: "ids" | "devices";
  readonly items: readonly Value[];
  readonly devices: readonly ExportedDevice[];
}

/** Where newDevices go: into groups that have what they have, into new groups, or nowhere, because `defaults` forbid it. */
export interface Placement {
  readonly joining: readonly Joining[];
  readonly others: readonly ExportedDevice[];
  readonly refused: readonly { readonly deviceId: string; readonly because: string }[];
}

/** A group that newDevices may join. */
interface Host {
  readonly name: string;
  readonly key: "ids" | "devices";
  readonly subType: string | undefined;
  readonly template: string | undefined;
  readonly adopts: boolean;
  readonly accepts: (device: ExportedDevice) => boolean;
}

/** Devices of which a file can't say the name, or the sub-type, that they have. It must not say another then. */
export interface Inexpressible {
  readonly nameless: ReadonlySet<string>;
  readonly typeless: ReadonlySet<string>;
}

/** @param groups the groups as they will be, by name */
export function placeNewDevices(
  fleetFile: FleetFile,
  groups: ReadonlyMap<string, Definition>,
  newDevices: readonly ExportedDevice[],
  { nameless, typeless }: Inexpressible,
): Placement {
  if (newDevices.length === 0) return { joining: [], others: [], refused: [] };
  const { defaults } = fleetFile;
  const hosts = [...groups].flatMap(([name, group]) => hostOf(name, group, fleetFile) ?? []);
  const joining = new Map<Host, ExportedDevice[]>();
  const others: ExportedDevice[] = [];
  const refused: { deviceId: string; because: string }[] = [];
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
      joining.set(host, [...(joining.get(host) ?? []), device]);
      continue;
    }
    const lacking = defaults.tags.filter((tag) => !device.tags.includes(tag));
    const because =
      lacking.length > 0
        ? `the defaults of the file give every device the tags ${lacking.join(", ")}, which it does not have`
        : (nameless.has(deviceId) && defaults.name !== undefined) ||
            (typeless.has(deviceId) && defaults.subType !== undefined)
          ? "the defaults of the file would give it another name or sub-type"
          : undefined;
    if (because === undefined) others.push(device);
    else refused.push({ deviceId, because });
  }
  return { joining: [...joining].map(([host, devices]) => join(host, devices)), others, refused };
}

function hostOf(name: string, group: Definition, fleetFile: FleetFile): Host | undefined {
  if (group.csv !== undefined) return undefined;
  const { ids, devices: _devices, ...settings } = group;
  const [probe] = fleetFile.imagine("groups", name, { ...settings, devices: ["probe"] }) ?? [];
  if (probe === undefined || !("firmwareTypes" in probe)) return undefined;
  const template = typeof settings.name === "string" ? settings.name : fleetFile.defaults.name?.text;
  const { subType, tags, firmwareTypes } = probe;
  const adopts = probe.adopt === "keep";
  // A group that has nothing in particular was not made for whatever comes along, unless it was made by an export.
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
      // The account's are what devices report; a group that declares none has nothing against them.
      (firmwareTypes.length === 0 || sameMembers(device.firmwareTypes, firmwareTypes)),
  };
}

function nameIn({ template }: Host, deviceId: string): string | undefined {
  const name = template?.replaceAll("{id}", deviceId);
  return name === deviceId ? undefined : name;
}

function join(host: Host, devices: readonly ExportedDevice[]): Joining {
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
