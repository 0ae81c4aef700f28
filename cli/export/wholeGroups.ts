/** Changes that all devices of a group have in common, and so are changes of the group. */
import type { CloudDevice } from "../../provider/cloud/answers.js";
import { differencesOf, differs, type Differences, type Spec } from "./differences.js";
import type { SettingsChange } from "./edit/entries.js";
import { textsOf, type Definition } from "./fleetFile.js";

/** A device of the file, and what the account has of it. */
export interface Member {
  readonly spec: Spec;
  readonly found: CloudDevice;
}

/** What a group would be. */
export interface GroupChange {
  readonly change: SettingsChange;
  readonly definition: Definition;
}

/** Tells what a group would mean if it were written so; undefined where it would be refused. */
export type Imagine = (definition: Definition) => readonly Spec[] | undefined;

/**
 * The change of a group after which what all its devices differ in is gone, and nothing else is different; undefined where
 * there is none. Members are all the devices of the group.
 */
export function changeOfGroup(
  definition: Definition,
  members: readonly Member[],
  imagine: Imagine,
): GroupChange | undefined {
  const found = new Map(members.map((member) => [member.spec.deviceId, member.found]));
  let current = new Map(members.map(({ spec, found }) => [spec.deviceId, differencesOf(spec, found)]));
  let changed = definition;
  const set = new Map<string, string>();
  const tags = { added: [] as string[], removed: [] as string[] };

  /** Takes a step if every device then differs as expected. */
  const take = (next: Definition, expected: (now: Differences) => Differences): boolean => {
    const specs = imagine(next);
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
  if (subType !== undefined && take({ ...changed, subType }, withoutSubType)) {
    set.set("subType", subType);
  }
  const name = common([...current].map(([id, each]) => each.name && templateOf(id, each.name.to)));
  if (name !== undefined && take({ ...changed, name }, withoutName)) set.set("name", name);

  const added = inAll([...current.values()].map((each) => each.tags?.added ?? []));
  const withAdded = { ...changed, tags: [...textsOf(changed.tags), ...added] };
  if (added.length > 0 && take(withAdded, (now) => without(now, added))) tags.added.push(...added);

  const lost = inAll([...current.values()].map((each) => each.tags?.removed ?? []));
  const removed = lost.filter((tag) => textsOf(changed.tags).includes(tag));
  const kept = textsOf(changed.tags).filter((tag) => !removed.includes(tag));
  if (removed.length > 0 && take({ ...changed, tags: kept }, (now) => without(now, removed))) {
    tags.removed.push(...removed);
  }

  const hasTags = tags.added.length + tags.removed.length > 0;
  if (set.size === 0 && !hasTags) return undefined;
  return { change: { set, ...(hasTags && { tags }) }, definition: changed };
}

/** A name as a template; a device that is called by its id has none of its own. */
function templateOf(deviceId: string, name: string | undefined): string {
  return name?.replaceAll(deviceId, "{id}") ?? "{id}";
}

/** The value that all have. */
function common(values: readonly (string | undefined)[]): string | undefined {
  const [first, ...others] = values;
  return others.every((value) => value === first) ? first : undefined;
}

function inAll(lists: readonly (readonly string[])[]): string[] {
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
