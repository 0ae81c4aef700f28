/** Changes of single devices that a group lists. */
import { problemOf } from "./exportedDevice.js";
import type { Differences } from "./differences.js";
import type { SettingsChange } from "./edit/entries.js";

/** What can be written of a device's differences, what is left of them, and why. */
export interface DeviceChange {
  readonly change: SettingsChange;
  readonly isEmpty: boolean;
  readonly left: Differences;
  readonly problems: readonly string[];
}

/**
 * The change of a listed device's own entry.
 * @param own the tags of its entry
 * @param inherited the tags that it has from its group or the defaults
 */
export function changeOfDevice(
  deviceId: string,
  { subType, name, tags }: Differences,
  own: readonly string[],
  inherited: readonly string[],
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
  const removed = (tags?.removed ?? []).filter((tag) => own.includes(tag) && !inherited.includes(tag));
  const kept = (tags?.removed ?? []).filter((tag) => !removed.includes(tag));
  const hasTags = added.length + removed.length > 0;

  const set = new Map<string, string>();
  if (subType && badSubType === undefined) set.set("subType", subType.to);
  if (name && badName === undefined) set.set("name", name.to ?? "{id}");
  const addUp = `it has ${kept.join(", ")} from its group or the defaults, and keeps them there: put it into another group`;
  return {
    change: { set, ...(hasTags && { tags: { added, removed } }) },
    isEmpty: set.size === 0 && !hasTags,
    left: {
      ...(subType && badSubType !== undefined && { subType }),
      ...(name && badName !== undefined && { name }),
      ...(badTags.size + kept.length > 0 && { tags: { added: [...badTags.keys()], removed: kept } }),
    },
    problems: [badSubType, badName, ...badTags.values(), kept.length > 0 ? addUp : undefined].filter(
      (problem) => problem !== undefined,
    ),
  };
}
