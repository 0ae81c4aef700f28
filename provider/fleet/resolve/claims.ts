/** Resolves the groups under `claims`. */
import { effectiveConfig } from "../config.js";
import { claimCsv, readClaimRow } from "../csv/claimRow.js";
import { readListedToken } from "./claimToken.js";
import type { Context } from "./context.js";
import { readGroupCsv } from "../csv/groupFile.js";
import { isRecord, listOf } from "../data.js";
import type { ClaimSpec } from "../deviceSpec.js";
import { formatPath, type Path } from "../problems.js";
import { readRetirement, optionalRetirement } from "../retirement.js";
import { readRotation, type DeclaredRotation } from "./rotation.js";
import { checkProvisioningTag, maxTags } from "../rules.js";
import { noSettings, overlay, readConfig, unionOfTags, type Settings } from "./settings.js";

/** A device before the settings of its group apply. */
type Draft = Omit<
  ClaimSpec,
  "group" | "adopt" | "protect" | "retirement" | "unclaimOnDestroy" | "config" | "rotation" | "securityTag"
> & {
  readonly settings: Settings;
  readonly rotation?: DeclaredRotation;
};

/** Resolves all claim groups. The schema has reported what has the wrong shape; all else is reported here. */
export function resolveClaims(groups: unknown, context: Context): readonly ClaimSpec[] {
  const entries = isRecord(groups) ? Object.entries(groups) : [];
  return entries.flatMap(([name, group]) => (isRecord(group) ? resolveGroup(name, group, context) : []));
}

function resolveGroup(
  name: string,
  definition: Readonly<Record<string, unknown>>,
  context: Context,
): ClaimSpec[] {
  const path = ["claims", name];
  const settings = readClaimSettings(definition, path, context);
  const groupRotation = readRotation(definition.rotation, [...path, "rotation"], context.report);
  const drafts = [
    ...readListed(listOf(definition.devices), path, context),
    ...readRows(definition, path, context),
  ];
  return drafts
    .filter(({ uuid, source }) => context.declaredDevices.register(uuid, source))
    .map(({ settings: own, rotation = groupRotation, ...draft }) => {
      const { config, retirement } = overlay(settings, own);
      const effective = config && effectiveConfig(config);
      return {
        ...draft,
        ...(rotation && { rotation: rotation.forDevice(draft.uuid) }),
        ...(rotation?.securityTag !== undefined && { securityTag: rotation.securityTag }),
        group: name,
        tags: unionOfTags(settings.tags, draft.tags),
        ...(effective && { config: effective }),
        adopt: definition.adopt === true ? "keep" : "no",
        protect: definition.protect === true,
        ...optionalRetirement(retirement),
        unclaimOnDestroy: definition.unclaimOnDestroy === true,
      };
    });
}

function readListed(devices: readonly unknown[], groupPath: Path, context: Context): Draft[] {
  const { report, declaredDevices } = context;
  if (!declaredDevices.reserve(devices.length, report.place([...groupPath, "devices"]))) return [];
  return devices.flatMap((device, index) => {
    const path = [...groupPath, "devices", index];
    const identity = isRecord(device) ? readListedToken(device, path, context) : undefined;
    if (!isRecord(device) || identity === undefined) return [];
    const rotation = readRotation(device.rotation, [...path, "rotation"], report);
    const settings = readClaimSettings(device, path, context);
    return [
      {
        ...identity,
        tags: settings.tags,
        settings,
        ...(rotation && { rotation }),
        source: report.place(path),
      },
    ];
  });
}

function readRows(definition: unknown, groupPath: Path, context: Context): Draft[] {
  const path = formatPath([...groupPath, "csv"]);
  return readGroupCsv(definition, groupPath, claimCsv, context).flatMap((row) => {
    const read = readClaimRow(row, path, context);
    if (read === undefined) return [];
    const { settings, ...draft } = read;
    return [{ ...draft, settings: { ...noSettings, ...settings } }];
  });
}

/** The settings of a group or device. Claims have provisioning tags, whose rules differ from those of other tags. */
function readClaimSettings(
  value: Readonly<Record<string, unknown>>,
  path: Path,
  { report }: Context,
): Settings {
  const config = readConfig(value.config, [...path, "config"], report);
  return { tags: readTags(value.tags), retirement: readRetirement(value), ...(config && { config }) };
}

/** The valid provisioning tags. The schema has reported the others. */
function readTags(tags: unknown): string[] {
  return listOf(tags)
    .slice(0, maxTags)
    .filter((tag) => typeof tag === "string")
    .filter((tag) => !checkProvisioningTag(tag));
}
