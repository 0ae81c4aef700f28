/** The devices to claim of each group: who they are, where their tokens are, and what becomes of the claims. */
import { effectiveConfig } from "./config.js";
import { claimCsv, readClaimRow } from "./claimRows.js";
import { readListedToken } from "./claimToken.js";
import type { Context } from "./context.js";
import { readGroupCsv } from "./csvFile.js";
import { isRecord, listOf } from "./data.js";
import type { ClaimSpec } from "./fleet.js";
import { formatPath, type Path } from "./problems.js";
import { readStanding, said } from "./retired.js";
import { readRotation, type DeclaredRotation } from "./readRotation.js";
import { checkProvisioningTag, maxTags } from "./rules.js";
import { noSettings, overlay, readConfig, unionOfTags, type Settings } from "./settings.js";

/** A device as its group names it. */
type Draft = Omit<
  ClaimSpec,
  "group" | "adopt" | "protect" | "standing" | "unclaimOnDestroy" | "config" | "rotation" | "securityTag"
> & {
  readonly settings: Settings;
  readonly turn?: DeclaredRotation;
};

/** Resolves all claim groups, reporting all that is wrong beyond their shape. */
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
  const ofGroup = readRotation(definition.rotation, [...path, "rotation"], context.report);
  const drafts = [
    ...readListed(listOf(definition.devices), path, context),
    ...readRows(definition, path, context),
  ];
  return drafts
    .filter(({ uuid, source }) => context.declaredDevices.register(uuid, source))
    .map(({ settings: own, turn = ofGroup, ...draft }) => {
      const { config, standing } = overlay(settings, own);
      const effective = config && effectiveConfig(config);
      return {
        ...draft,
        ...(turn && { rotation: turn.of(draft.uuid) }),
        ...(turn?.securityTag !== undefined && { securityTag: turn.securityTag }),
        group: name,
        tags: unionOfTags(settings.tags, draft.tags),
        ...(effective && { config: effective }),
        adopt: definition.adopt === true ? "keep" : "no",
        protect: definition.protect === true,
        ...said(standing),
        unclaimOnDestroy: definition.unclaimOnDestroy === true,
      };
    });
}

function readListed(devices: readonly unknown[], groupPath: Path, context: Context): Draft[] {
  const { report, declaredDevices } = context;
  if (!declaredDevices.expect(devices.length, report.place([...groupPath, "devices"]))) return [];
  return devices.flatMap((device, index) => {
    const path = [...groupPath, "devices", index];
    const identity = isRecord(device) ? readListedToken(device, path, context) : undefined;
    if (!isRecord(device) || identity === undefined) return [];
    const turn = readRotation(device.rotation, [...path, "rotation"], report);
    const settings = readClaimSettings(device, path, context);
    return [
      { ...identity, tags: settings.tags, settings, ...(turn && { turn }), source: report.place(path) },
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

/** What groups and devices say alike: provisioning tags, which have rules of their own, and the configuration. */
function readClaimSettings(
  value: Readonly<Record<string, unknown>>,
  path: Path,
  { report }: Context,
): Settings {
  const config = readConfig(value.config, [...path, "config"], report);
  return { tags: readTags(value.tags), standing: readStanding(value), ...(config && { config }) };
}

/** Those that are provisioning tags; the schema has reported the others. */
function readTags(tags: unknown): string[] {
  return listOf(tags)
    .slice(0, maxTags)
    .filter((tag) => typeof tag === "string")
    .filter((tag) => !checkProvisioningTag(tag));
}
