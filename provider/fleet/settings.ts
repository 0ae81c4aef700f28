/** What defaults, groups and devices say alike, and how the nearer overrides the farther. */
import { judgedConfig, mergeConfig, type DeviceConfig } from "./config.js";
import { isRecord, listOf, textAt } from "./data.js";
import type { Adoption, Place } from "./fleet.js";
import type { Path, Report } from "./problems.js";
import { readStanding, type Standing } from "./retired.js";
import { readRotation, type DeclaredRotation } from "./readRotation.js";
import {
  checkName,
  checkSubType,
  checkTag,
  isFirmwareType,
  maxNameTemplateLength,
  maxTags,
  quote,
  type FirmwareType,
} from "./rules.js";

/** Settings at one level, or of several levels merged. */
export interface Settings {
  readonly subType?: string;
  readonly tags: readonly string[];
  readonly firmwareTypes?: readonly FirmwareType[];
  readonly name?: NameTemplate;
  readonly adopt?: Adoption;
  /** With the nulls that remove what is farther. */
  readonly config?: DeviceConfig;
  readonly standing: Standing;
  readonly rotation?: DeclaredRotation;
}

/** A name of the definition, with `{id}` and `{group}` still in it, or one from a CSV file, taken as it is. */
export type NameTemplate =
  | { readonly kind: "template"; readonly text: string; readonly place: Place }
  | { readonly kind: "literal"; readonly text: string };

export const noSettings: Settings = { tags: [], standing: {} };

/**
 * Reads the settings of one level. Only what is well-formed is taken: the schema has reported the rest, and reading on
 * finds what else is wrong.
 */
export function readSettings(value: unknown, path: Path, report: Report): Settings {
  if (!isRecord(value)) return noSettings;
  const subType = textAt(value, "subType");
  const adopt = readAdoption(value.adopt);
  const config = readConfig(value.config, [...path, "config"], report);
  const name = readNameTemplate(textAt(value, "name"), [...path, "name"], report);
  const rotation = readRotation(value.rotation, [...path, "rotation"], report);
  return {
    ...(subType !== undefined && !checkSubType(subType) && { subType }),
    tags: unionOfTags(
      listOf(value.tags)
        .slice(0, maxTags)
        .filter((tag) => typeof tag === "string")
        .filter((tag) => !checkTag(tag)),
    ),
    ...(Array.isArray(value.firmwareTypes) && { firmwareTypes: readFirmwareTypes(value.firmwareTypes) }),
    ...(name && { name }),
    ...(adopt && { adopt }),
    ...(config && { config }),
    standing: readStanding(value),
    ...(rotation && { rotation }),
  };
}

/** Reads what is desired at one level; what no device could take is reported where it is written. */
export function readConfig(value: unknown, path: Path, report: Report): DeviceConfig | undefined {
  // The schema reports what is not a map.
  if (!isRecord(value)) return undefined;
  const read = judgedConfig(value);
  if (read.ok) return read.value;
  report.add(report.place(path), read);
  return undefined;
}

function merge(
  farther: DeviceConfig | undefined,
  nearer: DeviceConfig | undefined,
): DeviceConfig | undefined {
  return farther === undefined || nearer === undefined ? (nearer ?? farther) : mergeConfig(farther, nearer);
}

function readFirmwareTypes(values: readonly unknown[]): FirmwareType[] {
  return [...new Set(values.filter((value) => typeof value === "string").filter(isFirmwareType))];
}

function readAdoption(value: unknown): Adoption | undefined {
  switch (value) {
    case true:
      return "keep";
    case false:
      return "no";
    case "recertify":
      return "recertify";
    default:
      return undefined;
  }
}

function readNameTemplate(text: string | undefined, path: Path, report: Report): NameTemplate | undefined {
  if (text === undefined || text === "" || text.length > maxNameTemplateLength) return undefined;
  const place = report.place(path);
  const unknown = [...text.matchAll(/\{[^}]*\}?/g)]
    .map(([found]) => found)
    .find((found) => !isPlaceholder(found));
  if (unknown === undefined) return { kind: "template", text, place };
  report.add(place, {
    message: `${/^[ -~]{1,60}$/.test(unknown) ? unknown : quote(unknown)} stands for nothing`,
    fix: "use {id} or {group}, or leave the braces out",
  });
  return undefined;
}

function isPlaceholder(text: string): boolean {
  return text === "{id}" || text === "{group}";
}

/** The nearer settings over the farther: tags add up (farther first, each once), config by key, of the rest the nearest wins. */
export function overlay(farther: Settings, nearer: Settings): Settings {
  // Ten thousand devices that have no tags of their own share one list.
  const tags = nearer.tags.length === 0 ? farther.tags : unionOfTags(farther.tags, nearer.tags);
  const config = merge(farther.config, nearer.config);
  const standing = { ...farther.standing, ...nearer.standing };
  return { ...farther, ...nearer, tags, standing, ...(config && { config }) };
}

/** All tags of several lists, each once, in the order of their first mention. */
export function unionOfTags(...lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())];
}

/** The display name of one device; a bad one is reported at its template, once. */
export function fillName(template: NameTemplate, id: string, group: string, report: Report): string {
  if (template.kind === "literal") return template.text;
  const name = template.text.replaceAll(/\{(id|group)\}/g, (_, word: string) => (word === "id" ? id : group));
  const violation = checkName(name);
  if (violation) report.refuse(template.place, violation);
  return name;
}
