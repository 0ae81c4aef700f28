/** Resolves the groups under `jitp`. */
import { effectiveConfig } from "../config.js";
import type { Context } from "./context.js";
import { readGroupCsv } from "../csv/groupFile.js";
import { isRecord, listOf, textAt, wholeNumberAt } from "../data.js";
import type { CodeSource, JitpSpec } from "../deviceSpec.js";
import type { Place } from "../place.js";
import { checkImei, checkJitpDeviceId, nordicDeviceId } from "../imei.js";
import { readGroupCodes, readOwnCode, type GroupCodes, type OwnCode } from "./jitpCode.js";
import { jitpCsv, readJitpRow } from "../csv/jitpRow.js";
import { formatPath, formatPlace, type Path, type Report } from "../problems.js";
import { checkDeviceId, quote, type Violation } from "../rules.js";
import { optionalRetirement } from "../retirement.js";
import { fillName, overlay, readSettings, type Settings } from "./settings.js";
import { recertifiedJitp } from "../rules.js";

/** A device needs about thirty seconds after it is switched on. */
const defaultWaitSeconds = 120;

/** The number of devices that one problem names. The others are counted. */
const maxShownDevices = 10;

interface Group extends Pick<JitpSpec, "certificate" | "waitSeconds" | "pending" | "protect"> {
  readonly name: string;
  readonly path: Path;
  readonly settings: Settings;
  readonly codes: GroupCodes;
  /** Devices without a code, which are reported together. */
  readonly withoutCode: DeviceWithoutCode[];
}

/** A device before the settings of its group apply. */
interface Draft {
  readonly deviceId: string;
  /** Names the device in messages, without revealing what may be a code. */
  readonly label: string;
  readonly settings: Settings;
  readonly own: OwnCode;
  readonly source: Place;
}

/**
 * Why a device has no usable code: neither it nor its group gives one (`none`), it gives one and its group has a list too
 * (`both`), the list has no line for it (`unlisted`), or its source is wrong, which is reported already (`unreadable`).
 */
type MissingCodeReason = "none" | "both" | "unlisted" | "unreadable";

interface DeviceWithoutCode {
  readonly reason: MissingCodeReason;
  readonly label: string;
  readonly source: Place;
}

type FoundCode =
  | { readonly ok: true; readonly code: CodeSource }
  | { readonly ok: false; readonly reason: MissingCodeReason };

/** Resolves all JITP groups. The schema has reported what has the wrong shape; all else is reported here. */
export function resolveJitp(groups: unknown, defaults: Settings, context: Context): readonly JitpSpec[] {
  const entries = isRecord(groups) ? Object.entries(groups) : [];
  return entries.flatMap(([name, group]) =>
    isRecord(group) ? resolveGroup(name, group, defaults, context) : [],
  );
}

function resolveGroup(
  name: string,
  definition: Readonly<Record<string, unknown>>,
  defaults: Settings,
  context: Context,
): JitpSpec[] {
  const path = ["jitp", name];
  const group: Group = {
    name,
    path,
    settings: overlay(defaults, readJitpSettings(definition, path, context.report)),
    codes: readGroupCodes(definition, path, context),
    certificate: definition.certificates === true,
    waitSeconds: wholeNumberAt(definition, "wait", 0) ?? defaultWaitSeconds,
    pending: definition.pending === "allow" ? "allow" : "fail",
    protect: definition.protect === true,
    withoutCode: [],
  };
  const drafts = [
    ...readListed(listOf(definition.devices), path, context),
    ...readRows(definition, path, context),
  ];
  const devices = drafts.flatMap((draft) => resolveDevice(draft, group, context));
  reportMissingCodes(group, drafts.length, context.report);
  return devices;
}

function readListed(devices: readonly unknown[], groupPath: Path, context: Context): Draft[] {
  const { report, declaredDevices } = context;
  if (!declaredDevices.reserve(devices.length, report.place([...groupPath, "devices"]))) return [];
  return devices.flatMap((device, index) => {
    const path = [...groupPath, "devices", index];
    const settings = readJitpSettings(device, path, report);
    const own = readOwnCode(device, path, context);
    const deviceId = readDeviceId(device, path, report);
    const label = deviceId === undefined ? "" : quote(deviceId);
    return deviceId === undefined ? [] : [{ deviceId, label, settings, own, source: report.place(path) }];
  });
}

/** The id of a listed device; undefined if it is invalid, or if the entry has not exactly one, which the schema reports. */
function readDeviceId(device: unknown, path: Path, report: Report): string | undefined {
  const id = textAt(device, "id");
  const imei =
    isRecord(device) && typeof device.imei === "number" ? String(device.imei) : textAt(device, "imei");
  const idViolation = id !== undefined && !checkDeviceId(id) ? checkJitpDeviceId(id) : undefined;
  const imeiViolation = imei === undefined ? undefined : checkImei(imei);
  if (idViolation) report.add(report.place([...path, "id"]), idViolation);
  if (imeiViolation) report.add(report.place([...path, "imei"]), imeiViolation);
  if (imei !== undefined) return imeiViolation || id !== undefined ? undefined : nordicDeviceId(imei);
  return id === undefined || checkJitpDeviceId(id) ? undefined : id;
}

function readRows(definition: unknown, groupPath: Path, context: Context): Draft[] {
  const path = formatPath([...groupPath, "csv"]);
  return readGroupCsv(definition, groupPath, jitpCsv, context).flatMap((row) => {
    const { deviceId, ...device } = readJitpRow(row, path, context.report);
    // With mixed-up columns, what is read as an id may be a code.
    const label = `the device of ${formatPlace(device.source)}`;
    return deviceId === undefined ? [] : [{ deviceId, label, ...device }];
  });
}

/** The settings of a group or device. The schema has reported `recertify`. */
function readJitpSettings(value: unknown, path: Path, report: Report): Settings {
  const { adopt, ...settings } = readSettings(value, path, report);
  return adopt === undefined || adopt === "recertify" ? settings : { ...settings, adopt };
}

function resolveDevice(draft: Draft, group: Group, { report, declaredDevices }: Context): JitpSpec[] {
  const { deviceId, source } = draft;
  const isNew = declaredDevices.register(deviceId, source);
  const settings = overlay(group.settings, draft.settings);
  const { subType, tags, name, adopt = "no", retirement } = settings;
  const config = settings.config && effectiveConfig(settings.config);
  const displayName = name && fillName(name, deviceId, group.name, report);
  const found = findCode(deviceId, draft.own, group.codes);
  if (!found.ok) group.withoutCode.push({ reason: found.reason, label: draft.label, source });
  if (adopt === "recertify") report.add(report.place(group.path, "key"), recertifiedJitp);
  if (!isNew || !found.ok || adopt === "recertify") return [];
  return [
    {
      deviceId,
      group: group.name,
      code: found.code,
      certificate: group.certificate,
      ...(subType !== undefined && { subType }),
      tags,
      ...(displayName !== undefined && { name: displayName }),
      ...(config && { config }),
      adopt,
      protect: group.protect,
      ...optionalRetirement(retirement),
      waitSeconds: group.waitSeconds,
      pending: group.pending,
      source,
    },
  ];
}

function findCode(deviceId: string, own: OwnCode, codes: GroupCodes): FoundCode {
  if (own.kind === "unreadable") return { ok: false, reason: "unreadable" };
  if (own.kind === "own") {
    return codes.kind === "none" ? { ok: true, code: own.code } : { ok: false, reason: "both" };
  }
  if (codes.kind === "none") return { ok: false, reason: "none" };
  if (codes.kind === "unreadable") return { ok: false, reason: "unreadable" };
  const line = codes.lines?.codeOf(deviceId);
  if (codes.lines && !line) return { ok: false, reason: "unlisted" };
  if (line?.ok === false) return { ok: false, reason: "unreadable" };
  return { ok: true, code: { kind: "list", from: codes.from, deviceId } };
}

function reportMissingCodes({ path, withoutCode }: Group, size: number, report: Report): void {
  const devicesWith = (reason: MissingCodeReason) => withoutCode.filter((device) => device.reason === reason);
  const [none, both, unlisted] = [devicesWith("none"), devicesWith("both"), devicesWith("unlisted")];
  const all = `the ${size} devices of this group`;
  // If all devices have the same problem, it is one mistake in the group.
  if (size > 1 && none.length === size) report.add(report.place(path, "key"), noCode(`${all} have`));
  else for (const { label, source } of none) report.add(source, noCode(`${label} has`));
  const codes = report.place([...path, "codes"], "key");
  if (size > 1 && both.length === size) report.add(codes, twoCodes(`${all} have codes`));
  else for (const { label, source } of both) report.add(source, twoCodes(`${label} has a code`));
  if (unlisted.length > 0) report.add(report.place([...path, "codes"]), noLine(unlisted));
}

function noCode(subject: string): Violation {
  return {
    message: `${subject} no ownership code`,
    fix: "give each device its code (in a CSV file, a column of this name), or the group a list of them: codes: { config: … }",
  };
}

function twoCodes(subject: string): Violation {
  return {
    message: `${subject}, and the group has a list of codes too`,
    fix: "keep one of the two, or move devices with their own codes to another group",
  };
}

function noLine(devices: readonly DeviceWithoutCode[]): Violation {
  const shown = devices.slice(0, maxShownDevices).map(({ label }) => label);
  const rest = devices.length - shown.length;
  return {
    message: `the list has no line for ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`,
    fix: 'add a line "id,code" for each',
  };
}
