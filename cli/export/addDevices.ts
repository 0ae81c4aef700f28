import type { CloudDevice } from "../../provider/cloud/answers.js";
import type { AccountView } from "./account.js";
import { appendGroups, appendItems } from "./edit/additions.js";
import type { Splice } from "./edit/splices.js";
import { recordOf, type Definition, type FleetFile } from "./fleetFile.js";
import { planGroups, type GroupPlan } from "./grouping.js";
import type { Defaults } from "./groupText.js";
import { classifyDevices, type Inventory } from "./inventory.js";
import { placeNewDevices, type Undeclarable } from "./newDevices.js";
import { inventoryRemarks, type Remark } from "./remarks.js";
import { NO_SUB_TYPE, type ExportedDevice } from "./exportedDevice.js";
import { UnsafeUpdate } from "./unsafeUpdate.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { deviceCount, idList } from "./words.js";

/** Additions to the text of a file. */
export interface Additions {
  readonly splices: readonly Splice[];
  readonly changes: readonly string[];
  readonly remarks: readonly Remark[];
  readonly devices: readonly ExportedDevice[];
}

/** Adds devices that the file does not declare yet, to existing groups or to new ones. */
export function addDevices(
  file: FleetFile,
  groups: ReadonlyMap<string, Definition>,
  { devices: all, claims, tenantId }: AccountView,
): Additions {
  const known = file.knownIds();
  const inventory = classifyDevices(
    all.filter(({ id }) => !known.has(id)),
    claims.known ? { ...claims, byUuid: unknownTo(known, claims.byUuid) } : claims,
    tenantId,
  );
  const { additions, others, refused } = placeNewDevices(
    file,
    groups,
    inventory.devices,
    undeclarable(inventory, all),
  );
  const rest = [...others];
  const splices: Splice[] = [];
  const changes: string[] = [];
  for (const { group, key, items, devices: members } of additions) {
    const splice = appendItems(file.source, ["groups", group, key], items);
    // A list that an alias repeats would get the device twice.
    if (splice === undefined) rest.push(...members);
    else {
      splices.push(splice);
      changes.push(added(`groups.${group}`, members));
    }
  }
  const taken = ["groups", "jitp", "claims"].flatMap((section) =>
    Object.keys(recordOf(file.definition[section])),
  );
  const plans = planGroups(rest, new Set(taken));
  if (plans.length > 0) {
    const splice = appendGroups(file.source, plans, defaultsOf(file));
    if (splice === undefined) {
      const ids = idList(rest.map(({ deviceId }) => deviceId));
      throw new UnsafeUpdate(`a YAML alias defines its groups, so the command can't add one for ${ids}`);
    }
    splices.push(splice);
    changes.push(...plans.map((plan) => `groups.${plan.name}: new, with ${membersOf(plan)}`));
  }
  const open = [...groupBy(refused, ({ reason }) => reason)].map(([reason, members]): Remark => ({
    kind: "open",
    text: `The command can't add ${deviceCount(members.length)}, because ${reason}: ${idList(members.map(({ deviceId }) => deviceId))}. Move the defaults into the groups, then run again.`,
  }));
  return {
    splices,
    changes,
    remarks: [...open, ...inventoryRemarks(inventory)],
    devices: [
      ...additions.flatMap((each) => each.devices).filter((device) => !rest.includes(device)),
      ...rest,
    ],
  };
}

function unknownTo<Item>(
  known: ReadonlySet<string>,
  byId: ReadonlyMap<string, Item>,
): ReadonlyMap<string, Item> {
  return new Map([...byId].filter(([id]) => !known.has(id)));
}

function added(place: string, members: readonly ExportedDevice[]): string {
  return `${place}: ${deviceCount(members.length)} added: ${idList(members.map(({ deviceId }) => deviceId))}`;
}

function membersOf({ members }: GroupPlan): string {
  if (members.kind === "devices") return idList(members.entries.map(({ deviceId }) => deviceId));
  const [shown, more] = [members.patterns.slice(0, 10), members.patterns.length > 10 ? ", …" : ""];
  return `${shown.join(", ")}${more}`;
}

function undeclarable({ omissions, devices }: Inventory, all: readonly CloudDevice[]): Undeclarable {
  const withoutName = omissions.filter(({ what }) => what === "name").map(({ deviceId }) => deviceId);
  // A fleet file declares "no sub-type" by nRF Cloud's own word for it.
  const untyped = new Set(all.filter(({ subType }) => subType === NO_SUB_TYPE).map(({ id }) => id));
  const withoutType = devices.filter(
    ({ deviceId, subType }) => subType === undefined && !untyped.has(deviceId),
  );
  return {
    nameless: new Set(withoutName),
    typeless: new Set(withoutType.map(({ deviceId }) => deviceId)),
  };
}

function defaultsOf({ defaults }: FleetFile): Defaults {
  const { subType, tags, firmwareTypes, name } = defaults;
  return {
    tags,
    ...(subType !== undefined && { subType }),
    ...(firmwareTypes !== undefined && { firmwareTypes }),
    ...(name !== undefined && { name: name.text }),
  };
}
