/** Changes that are the same for all devices of a group, so that the group's own settings can change. */
import type { CloudDevice } from "../../provider/cloud/answers.js";
import { differencesOf, differs, type Differences, type Spec } from "./differences.js";
import type { SettingsChange } from "./edit/entries.js";
import { textsOf, type Definition } from "./fleetFile.js";

/** A device of the file, with its counterpart in the account. */
export interface Member {
  readonly spec: Spec;
  readonly found: CloudDevice;
}

/** A change of a group, and its definition after the change. */
export interface GroupChange {
  readonly change: SettingsChange;
  readonly definition: Definition;
}

/** The devices that a group would declare with this definition. `undefined` if the loader would refuse it. */
export type ResolveGroup = (definition: Definition) => readonly Spec[] | undefined;

/**
 * The change of a group that removes the differences which all its devices have, and makes no new ones. `undefined` if no change
 * does that. `members` are all devices of the group.
 */
export function changeOfGroup(
  definition: Definition,
  members: readonly Member[],
  resolveGroup: ResolveGroup,
): GroupChange | undefined {
  const found = new Map(members.map((member) => [member.spec.deviceId, member.found]));
  let current = new Map(members.map(({ spec, found }) => [spec.deviceId, differencesOf(spec, found)]));
  let changed = definition;
  const set = new Map<string, string>();
  const tags = { added: [] as string[], removed: [] as string[] };

  /** Makes a change if it leaves exactly the expected differences. */
  const tryChange = (next: Definition, expected: (now: Differences) => Differences): boolean => {
    const specs = resolveGroup(next);
    if (specs?.length !== members.length) return false;
    const after = new Map<string, Differences>();
    for (const spec of specs) {
      const [device, now] = [found.get(spec.deviceId), current.get(spec.deviceId)];
      if (device === undefined || now === undefined) return false;
      const differences = differencesOf(spec, device);
      if (!isSame(differences, expected(now))) return false;
      after.set(spec.deviceId, differences);
    }
    [changed, current] = [next, after];
    return true;
  };

  const subType = common([...current.values()].map((each) => each.subType?.to));
  if (subType !== undefined && tryChange({ ...changed, subType }, withoutSubType)) {
    set.set("subType", subType);
  }
  const name = common([...current].map(([id, each]) => each.name && templateOf(id, each.name.to)));
  if (name !== undefined && tryChange({ ...changed, name }, withoutName)) set.set("name", name);

  const added = tagsInAll([...current.values()].map((each) => each.tags?.added ?? []));
  const withAdded = { ...changed, tags: [...textsOf(changed.tags), ...added] };
  if (added.length > 0 && tryChange(withAdded, (now) => without(now, added))) tags.added.push(...added);

  const removedInAll = tagsInAll([...current.values()].map((each) => each.tags?.removed ?? []));
  const removed = removedInAll.filter((tag) => textsOf(changed.tags).includes(tag));
  const kept = textsOf(changed.tags).filter((tag) => !removed.includes(tag));
  if (removed.length > 0 && tryChange({ ...changed, tags: kept }, (now) => without(now, removed))) {
    tags.removed.push(...removed);
  }

  const hasTags = tags.added.length + tags.removed.length > 0;
  if (set.size === 0 && !hasTags) return undefined;
  return { change: { set, ...(hasTags && { tags }) }, definition: changed };
}

/** A name as a template. A device without a display name has the template `{id}`. */
function templateOf(deviceId: string, name: string | undefined): string {
  return name?.replaceAll(deviceId, "{id}") ?? "{id}";
}

/** The value, if it is the same for all. */
function common(values: readonly (string | undefined)[]): string | undefined {
  const [first, ...others] = values;
  return others.every((value) => value === first) ? first : undefined;
}

function tagsInAll(lists: readonly (readonly string[])[]): string[] {
  const [first = [], ...others] = lists;
  return first.filter((tag) => others.every((list) => list.includes(tag)));
}

function withoutSubType(differences: Differences): Differences {
  const { subType: _settled, ...rest } = differences;
  return rest;
}

function withoutName(differences: Differences): Differences {
  const { name: _settled, ...rest } = differences;
  return rest;
}

function without({ tags, ...rest }: Differences, settled: readonly string[]): Differences {
  const left = (list: readonly string[] = []) => list.filter((tag) => !settled.includes(tag));
  const [added, removed] = [left(tags?.added), left(tags?.removed)];
  return added.length + removed.length === 0 ? rest : { ...rest, tags: { added, removed } };
}

function isSame(one: Differences, other: Differences): boolean {
  const asText = ({ subType, name, tags }: Differences) => JSON.stringify([subType, name, tags]);
  return differs(one) === differs(other) && asText(one) === asText(other);
}
