/** Differences between a device of the account and its entry in a fleet file. */
import type { CloudDevice } from "../../provider/cloud/answers.js";
import type { DeviceSpec, JitpSpec } from "../../provider/fleet/deviceSpec.js";
import { RETIRED_TAG } from "../../provider/fleet/retirement.js";
import { quote } from "../../provider/fleet/rules.js";
import { unionOfTags } from "../../provider/fleet/resolve/settings.js";

/** A device that a file declares in `groups` or `jitp`. */
export type Spec = Pick<
  DeviceSpec,
  "deviceId" | "group" | "tags" | "subType" | "name" | "retirement" | "source"
> & {
  readonly adopt: DeviceSpec["adopt"] | JitpSpec["adopt"];
};

/** Where the account differs from the file. */
export interface Differences {
  readonly subType?: { readonly from: string; readonly to: string };
  /** `undefined` means that the device has no display name beside its id. */
  readonly name?: { readonly from: string | undefined; readonly to: string | undefined };
  readonly tags?: { readonly added: readonly string[]; readonly removed: readonly string[] };
}

/**
 * Compares as the provider does. A sub-type that is not declared may have any value, an adopted device keeps a name that is not
 * declared, the order of tags has no meaning, and devices report their firmware types themselves. Of a retired device only the tags
 * matter, and one of them is that it is retired.
 */
export function differencesOf(spec: Spec, found: CloudDevice): Differences {
  if (isRetired(spec)) return tagDifferences(unionOfTags(spec.tags, [RETIRED_TAG]), found);
  const name = found.name === found.id ? undefined : found.name;
  const declared = spec.name === spec.deviceId ? undefined : spec.name;
  const keepsName = spec.name === undefined && spec.adopt !== "no";
  const { subType } = spec;
  return {
    ...(subType !== undefined &&
      found.subType !== undefined &&
      found.subType !== subType && { subType: { from: subType, to: found.subType } }),
    ...(!keepsName && name !== declared && { name: { from: declared, to: name } }),
    ...tagDifferences(spec.tags, found),
  };
}

/** Whether the file retires the device. */
export function isRetired({ retirement }: Pick<Spec, "retirement">): boolean {
  return retirement?.state === "retired";
}

function tagDifferences(declared: readonly string[], { tags = [] }: CloudDevice): Pick<Differences, "tags"> {
  const added = [...new Set(tags)].filter((tag) => !declared.includes(tag));
  const removed = declared.filter((tag) => !tags.includes(tag));
  return added.length + removed.length > 0 ? { tags: { added, removed } } : {};
}

export function differs(differences: Differences): boolean {
  return Object.keys(differences).length > 0;
}

/** `name "A" → "B"; tags +x −y`. */
export function describe({ subType, name, tags }: Differences): string {
  const shown = (value: string | undefined) => (value === undefined ? "none" : quote(value));
  const parts = [
    subType && `sub-type ${quote(subType.from)} → ${quote(subType.to)}`,
    name && `name ${shown(name.from)} → ${shown(name.to)}`,
    tags &&
      `tags ${[...tags.added.map((tag) => `+${quote(tag)}`), ...tags.removed.map((tag) => `−${quote(tag)}`)].join(" ")}`,
  ];
  return parts.filter((part) => part !== undefined).join("; ");
}
