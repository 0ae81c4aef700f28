/** Names for groups that say what is in them. */
import { configLeaves } from "../../provider/fleet/config.js";
import type { GroupPlan } from "./grouping.js";
import { inNaturalOrder } from "../../provider/fleet/naturalOrder.js";

type Unnamed = Omit<GroupPlan, "name">;

/** Room for a number within the 64 characters of a group name. */
const LONGEST = 56;

/** Names that reach into JavaScript's own objects, which the loader refuses. */
const REFUSED: readonly string[] = ["constructor", "prototype"];

/**
 * Names groups by sub-type or first tag, and where that is not enough to tell them apart, by the tags, firmware types and
 * settings they differ in. Gives them in the order of their names.
 * @param taken names that no group may get
 */
export function nameGroups<Group extends Unnamed>(
  groups: readonly Group[],
  taken: ReadonlySet<string>,
): (Group & { readonly name: string })[] {
  const used = new Set(taken);
  const named: (Group & { readonly name: string })[] = [];
  const give = (group: Group, name: string) => {
    used.add(name);
    named.push({ ...group, name });
  };

  let waiting = [...groups];
  for (const wordsOf of [briefly, withTags, withFirmware, withSettings(groups), withKind]) {
    const candidates = waiting.map((group) => ({ group, name: slug(wordsOf(group)) }));
    const isUnique = (name: string) =>
      !used.has(name) && candidates.filter((other) => other.name === name).length === 1;
    const unique = candidates.filter(({ name }) => isUnique(name));
    waiting = candidates.filter((each) => !unique.includes(each)).map(({ group }) => group);
    for (const { group, name } of unique) give(group, name);
  }
  for (const group of waiting) {
    const name = slug(withKind(group));
    let number = 2;
    while (used.has(`${name}-${number}`)) number++;
    give(group, `${name}-${number}`);
  }
  return named.sort((one, other) => inNaturalOrder(one.name, other.name));
}

function briefly({ subType, tags: [tag] }: Unnamed): string[] {
  const word = subType ?? tag;
  return word === undefined ? [] : [word];
}

function withTags(group: Unnamed): string[] {
  return [...new Set([...briefly(group), ...group.tags])];
}

function withFirmware(group: Unnamed): string[] {
  return [...withTags(group), ...group.firmwareTypes.map((type) => type.toLowerCase())];
}

/** With the settings that some of the groups have otherwise, or not at all. */
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
