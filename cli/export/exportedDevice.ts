import type { CloudDevice } from "../../provider/cloud/answers.js";
import type { DeviceConfig } from "../../provider/fleet/config.js";
import { diskIo } from "../../provider/fleet/disk.js";
import { resolveFleet } from "../../provider/fleet/load.js";
import { FleetFileError } from "../../provider/fleet/problems.js";
import { isFirmwareType, quote, type FirmwareType } from "../../provider/fleet/rules.js";
import { heading } from "../../provider/fleet/shape/validate.js";

/** A device of the account, with what a fleet file can declare of it. */
export interface ExportedDevice {
  readonly deviceId: string;
  readonly subType?: string;
  /** Without duplicates. */
  readonly tags: readonly string[];
  readonly firmwareTypes: readonly FirmwareType[];
  /** Only if it differs from the id. */
  readonly name?: string;
  /** The configuration in its shadow, if it was read. */
  readonly config?: DeviceConfig;
}

/** A setting that the export leaves out, because a fleet file can't declare it. */
export interface Omission {
  readonly deviceId: string;
  readonly what: "name" | "sub-type" | "firmware type" | "setting";
  readonly reason: string;
}

/** A device as a fleet file can declare it, or why no fleet file can. */
export type ExportedEntry =
  | { readonly ok: true; readonly device: ExportedDevice; readonly omissions: readonly Omission[] }
  | { readonly ok: false; readonly reason: string };

/** The sub-type that nRF Cloud shows for a device without one. */
export const NO_SUB_TYPE = "unknown";

/**
 * Describes a device as a fleet file does. The loader of fleet files decides what can be declared. A name, sub-type or firmware
 * type that can't is left out: an adopted device keeps them. A run removes tags that are not declared, so a device with a tag that
 * can't be declared is not exported at all.
 */
export function exportedDevice({ id, name, subType, tags = [], firmware }: CloudDevice): ExportedEntry {
  const bare = { deviceId: id, tags: [...new Set(tags)], firmwareTypes: [] };
  const types = [...new Set(firmware?.supports ?? [])];
  const whole = {
    ...bare,
    firmwareTypes: types.filter(isFirmwareType),
    ...(subType !== undefined && subType !== "" && subType !== NO_SUB_TYPE && { subType }),
    ...(name !== undefined && name !== "" && name !== id && { name }),
  };
  const unsupportedTypes = types.filter((type) => !isFirmwareType(type));
  const omissions: Omission[] = unsupportedTypes.map((type) => ({
    deviceId: id,
    what: "firmware type",
    reason: `${quote(type)} can't be declared`,
  }));
  if (problemOf(whole) === undefined) return { ok: true, device: whole, omissions };

  const refused = problemOf(bare);
  if (refused !== undefined) return { ok: false, reason: refused };
  const { name: itsName, subType: itsSubType, ...rest } = whole;
  const badName = itsName === undefined ? undefined : problemOf({ ...bare, name: itsName });
  const badSubType = itsSubType === undefined ? undefined : problemOf({ ...bare, subType: itsSubType });
  if (badName !== undefined) omissions.push({ deviceId: id, what: "name", reason: badName });
  if (badSubType !== undefined) omissions.push({ deviceId: id, what: "sub-type", reason: badSubType });
  return {
    ok: true,
    device: {
      ...rest,
      ...(itsSubType !== undefined && badSubType === undefined && { subType: itsSubType }),
      ...(itsName !== undefined && badName === undefined && { name: itsName }),
    },
    omissions,
  };
}

/** Why a fleet file can't declare this device; `undefined` if it can. */
export function problemOf({ deviceId, ...settings }: ExportedDevice): string | undefined {
  const { name } = settings;
  if (name !== undefined && Buffer.from(name).toString() !== name)
    return "the name has an incomplete character";
  try {
    const groups = { one: { devices: [{ id: deviceId, ...settings, adopt: true }] } };
    const [spec] = resolveFleet({ ...heading, groups }, diskIo).devices;
    return spec?.name === name ? undefined : "a fleet file reads its braces as a placeholder";
  } catch (error) {
    if (error instanceof FleetFileError) return error.problems[0]?.message ?? error.message;
    throw error;
  }
}
