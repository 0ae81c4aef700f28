/** Settings that defaults, groups and devices have in common, and how inner levels override outer ones. */
import { checkedConfig, mergeConfig, type DeviceConfig } from "../config.js";
import { isRecord, listOf, textAt } from "../data.js";
import type { Adoption } from "../deviceSpec.js";
import type { Place } from "../place.js";
import type { Path, Report } from "../problems.js";
import { readRetirement, type Retirement } from "../retirement.js";
import { readRotation, type DeclaredRotation } from "./rotation.js";
import {
  checkName,
  checkSubType,
  checkTag,
  isFirmwareType,
  maxNameTemplateLength,
  maxTags,
  quote,
  type FirmwareType,
} from "../rules.js";

/** The settings of one level, or of several merged levels. */
export interface Settings {
  readonly subType?: string;
  readonly tags: readonly string[];
  readonly firmwareTypes?: readonly FirmwareType[];
  readonly name?: NameTemplate;
  readonly adopt?: Adoption;
  /** A `null` removes a key of an outer level. */
  readonly config?: DeviceConfig;
  readonly retirement: Retirement;
  readonly rotation?: DeclaredRotation;
}

/** A name of the definition with `{id}` and `{group}`, or a literal name of a CSV file. */
export type NameTemplate =
  | { readonly kind: "template"; readonly text: string; readonly place: Place }
  | { readonly kind: "literal"; readonly text: string };

export const noSettings: Settings = { tags: [], retirement: {} };

/**
 * Reads the settings of one level. Invalid values are skipped: the schema has reported them, and the remaining settings are
 * still checked.
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
    retirement: readRetirement(value),
    ...(rotation && { rotation }),
  };
}

/** Reads the configuration of one level, and reports what no device could take. */
export function readConfig(value: unknown, path: Path, report: Report): DeviceConfig | undefined {
  // The schema reports what is not a map.
  if (!isRecord(value)) return undefined;
  const read = checkedConfig(value);
  if (read.ok) return read.value;
  report.add(report.place(path), read);
  return undefined;
}

function merge(outer: DeviceConfig | undefined, inner: DeviceConfig | undefined): DeviceConfig | undefined {
  return outer === undefined || inner === undefined ? (inner ?? outer) : mergeConfig(outer, inner);
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
    message: `${/^[ -~]{1,60}$/.test(unknown) ? unknown : quote(unknown)} is not a placeholder`,
    fix: "use {id} or {group}, or remove the braces",
  });
  return undefined;
}

function isPlaceholder(text: string): boolean {
  return text === "{id}" || text === "{group}";
}

/** Merges two levels: tags add up (outer ones first, each once), config is merged by key, else the inner value wins. */
export function overlay(outer: Settings, inner: Settings): Settings {
  // Devices without own tags share one list, which saves memory.
  const tags = inner.tags.length === 0 ? outer.tags : unionOfTags(outer.tags, inner.tags);
  const config = merge(outer.config, inner.config);
  const retirement = { ...outer.retirement, ...inner.retirement };
  return { ...outer, ...inner, tags, retirement, ...(config && { config }) };
}

/** The tags of several lists, each once, in the order of first occurrence. */
export function unionOfTags(...lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())];
}

/** The display name of one device. An invalid one is reported once, at its template. */
export function fillName(template: NameTemplate, id: string, group: string, report: Report): string {
  if (template.kind === "literal") return template.text;
  const name = template.text.replaceAll(/\{(id|group)\}/g, (_, word: string) => (word === "id" ? id : group));
  const violation = checkName(name);
  if (violation) report.refuse(template.place, violation);
  return name;
}
