/** Changes of devices that a group lists one by one. */
import { problemOf } from "./exportedDevice.js";
import type { Differences } from "./differences.js";
import type { SettingsChange } from "./edit/entries.js";

/** The part of a device's differences that can be written, what remains, and why. */
export interface DeviceChange {
  readonly change: SettingsChange;
  readonly isEmpty: boolean;
  readonly remaining: Differences;
  readonly problems: readonly string[];
}

/**
 * The change of a listed device's own entry.
 * @param ownTags the tags of its entry
 * @param inheritedTags the tags that it has from its group or the defaults
 */
export function changeOfDevice(
  deviceId: string,
  { subType, name, tags }: Differences,
  ownTags: readonly string[],
  inheritedTags: readonly string[],
): DeviceChange {
  const bare = { deviceId, tags: [], firmwareTypes: [] };
  const badSubType = subType && problemOf({ ...bare, subType: subType.to });
  const badName = name?.to === undefined ? undefined : problemOf({ ...bare, name: name.to });

  const badTags = new Map(
    (tags?.added ?? []).flatMap((tag) => {
      const problem = problemOf({ ...bare, tags: [tag] });
      return problem === undefined ? [] : [[tag, problem] as const];
    }),
  );
  const added = (tags?.added ?? []).filter((tag) => !badTags.has(tag));
  const removed = (tags?.removed ?? []).filter(
    (tag) => ownTags.includes(tag) && !inheritedTags.includes(tag),
  );
  const keptTags = (tags?.removed ?? []).filter((tag) => !removed.includes(tag));
  const hasTags = added.length + removed.length > 0;

  const set = new Map<string, string>();
  if (subType && badSubType === undefined) set.set("subType", subType.to);
  if (name && badName === undefined) set.set("name", name.to ?? "{id}");
  const inheritedProblem = `its group or the defaults declare the tags ${keptTags.join(", ")}. Move it to another group`;
  return {
    change: { set, ...(hasTags && { tags: { added, removed } }) },
    isEmpty: set.size === 0 && !hasTags,
    remaining: {
      ...(subType && badSubType !== undefined && { subType }),
      ...(name && badName !== undefined && { name }),
      ...(badTags.size + keptTags.length > 0 && { tags: { added: [...badTags.keys()], removed: keptTags } }),
    },
    problems: [
      badSubType,
      badName,
      ...badTags.values(),
      keptTags.length > 0 ? inheritedProblem : undefined,
    ].filter((problem) => problem !== undefined),
  };
}
