import type { CloudDevice } from "../../provider/cloud/answers.js";
import type { DeviceConfig } from "../../provider/fleet/config.js";
import { diskIo } from "../../provider/fleet/disk.js";
import { resolveFleet } from "../../provider/fleet/load.js";
import { FleetFileError } from "../../provider/fleet/problems.js";
import { isFirmwareType, quote, type FirmwareType } from "../../provider/fleet/rules.js";
import { heading } from "../../provider/fleet/validate.js";

/** A device of the account in the words of a fleet file. */
export interface ExportedDevice {
  readonly deviceId: string;
  readonly subType?: string;
  /** Each once. */
  readonly tags: readonly string[];
  readonly firmwareTypes: readonly FirmwareType[];
  /** Only where it is another than the id. */
  readonly name?: string;
  /** What is desired of it, where that was read. */
  readonly config?: DeviceConfig;
}

/** What is left out of a device's entry, because a fleet file can't say it. */
export interface Omission {
  readonly deviceId: string;
  readonly what: "name" | "sub-type" | "firmware type" | "setting";
  readonly because: string;
}

/** A device as a fleet file can say it, or why none can. */
export type ExportedEntry =
  | { readonly ok: true; readonly device: ExportedDevice; readonly omissions: readonly Omission[] }
  | { readonly ok: false; readonly because: string };

/** What the service calls the sub-type of a device that was given none. */
export const NO_SUB_TYPE = "unknown";

/**
 * Puts a device into the words of a fleet file, with the loader of fleet files as the judge of what can be exported. Name,
 * sub-type and firmware types are left out where they can't, because an adopted device keeps those that are not declared. Tags
 * that are not declared would be taken away, so that a device with a tag that can't be said can't be declared at all.
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
  const strange = types.filter((type) => !isFirmwareType(type));
  const omissions: Omission[] = strange.map((type) => ({
    deviceId: id,
    what: "firmware type",
    because: `${quote(type)} is none that can be declared`,
  }));
  if (problemOf(whole) === undefined) return { ok: true, device: whole, omissions };

  const refused = problemOf(bare);
  if (refused !== undefined) return { ok: false, because: refused };
  const { name: itsName, subType: itsSubType, ...rest } = whole;
  const badName = itsName === undefined ? undefined : problemOf({ ...bare, name: itsName });
  const badSubType = itsSubType === undefined ? undefined : problemOf({ ...bare, subType: itsSubType });
  if (badName !== undefined) omissions.push({ deviceId: id, what: "name", because: badName });
  if (badSubType !== undefined) omissions.push({ deviceId: id, what: "sub-type", because: badSubType });
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

/** Why a fleet file can't say this of a device; undefined if it can. */
export function problemOf({ deviceId, ...settings }: ExportedDevice): string | undefined {
  const { name } = settings;
  if (name !== undefined && Buffer.from(name).toString() !== name) return "the name has half a character";
  try {
    const groups = { one: { devices: [{ id: deviceId, ...settings, adopt: true }] } };
    const [spec] = resolveFleet({ ...heading, groups }, diskIo).devices;
    return spec?.name === name ? undefined : "its braces stand for something else in a fleet file";
  } catch (error) {
    if (error instanceof FleetFileError) return error.problems[0]?.message ?? error.message;
    throw error;
  }
}
