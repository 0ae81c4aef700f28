/** Names for groups, made of the settings of their devices. */
import { configLeaves } from "../../provider/fleet/config.js";
import type { GroupPlan } from "./grouping.js";
import { inNaturalOrder } from "../../provider/fleet/naturalOrder.js";

type Unnamed = Omit<GroupPlan, "name">;

/** Leaves room for a number within the 64 characters of a group name. */
const LONGEST = 56;

/** Names of properties of JavaScript objects, which the loader refuses. */
const REFUSED: readonly string[] = ["constructor", "prototype"];

/**
 * Names groups by sub-type or first tag, and where these are not unique, also by tags, firmware types and settings. Returns the
 * groups in the order of their names.
 * @param taken names of existing groups
 */
export function nameGroups<Group extends Unnamed>(
  groups: readonly Group[],
  taken: ReadonlySet<string>,
): (Group & { readonly name: string })[] {
  const used = new Set(taken);
  const named: (Group & { readonly name: string })[] = [];
  const assign = (group: Group, name: string) => {
    used.add(name);
    named.push({ ...group, name });
  };

  let unnamed = [...groups];
  for (const wordsOf of [bySubTypeOrTag, withTags, withFirmware, withSettings(groups), withKind]) {
    const candidates = unnamed.map((group) => ({ group, name: slug(wordsOf(group)) }));
    const isUnique = (name: string) =>
      !used.has(name) && candidates.filter((other) => other.name === name).length === 1;
    const unique = candidates.filter(({ name }) => isUnique(name));
    unnamed = candidates.filter((each) => !unique.includes(each)).map(({ group }) => group);
    for (const { group, name } of unique) assign(group, name);
  }
  for (const group of unnamed) {
    const name = slug(withKind(group));
    let number = 2;
    while (used.has(`${name}-${number}`)) number++;
    assign(group, `${name}-${number}`);
  }
  return named.sort((one, other) => inNaturalOrder(one.name, other.name));
}

function bySubTypeOrTag({ subType, tags: [tag] }: Unnamed): string[] {
  const word = subType ?? tag;
  return word === undefined ? [] : [word];
}

function withTags(group: Unnamed): string[] {
  return [...new Set([...bySubTypeOrTag(group), ...group.tags])];
}

function withFirmware(group: Unnamed): string[] {
  return [...withTags(group), ...group.firmwareTypes.map((type) => type.toLowerCase())];
}

/** Adds the settings that differ between the groups. */
function withSettings(groups: readonly Unnamed[]): (group: Unnamed) => string[] {
  const counts = new Map<string, number>();
  for (const setting of groups.flatMap(settingsIn)) counts.set(setting, (counts.get(setting) ?? 0) + 1);
  return (group) => {
    const own = settingsIn(group).filter((setting) => counts.get(setting) !== groups.length);
    return [...withFirmware(group), ...own];
  };
}

function settingsIn({ config = {} }: Unnamed): string[] {
  return [...configLeaves(config)].map(([key, value]) => `${key}-${JSON.stringify(value)}`);
}

function withKind(group: Unnamed): string[] {
  return [...withFirmware(group), ...(group.members.kind === "devices" ? ["listed"] : [])];
}

function slug(words: readonly string[]): string {
  const text = words
    .join("-")
    .replaceAll(/[^A-Za-z0-9_]+/g, "-")
    .replace(/^[-_]+/, "")
    .slice(0, LONGEST)
    .replace(/[-_]+$/, "");
  if (text === "") return "devices";
  return REFUSED.includes(text) ? `${text}-devices` : text;
}
