/** The just-in-time devices of each group with everything that applies to them. */
import { effectiveConfig } from "./config.js";
import type { Context } from "./context.js";
import { readGroupCsv } from "./csvFile.js";
import { isRecord, listOf, textAt, wholeNumberAt } from "./data.js";
import type { CodeSource, JitpSpec, Place } from "./fleet.js";
import { checkImei, checkJitpDeviceId, nordicDeviceId } from "./imei.js";
import { readGroupCodes, readOwnCode, type GroupCodes, type OwnCode } from "./jitpCode.js";
import { jitpCsv, readJitpRow } from "./jitpRows.js";
import { formatPath, formatPlace, type Path, type Report } from "./problems.js";
import { checkDeviceId, quote, type Violation } from "./rules.js";
import { said } from "./retired.js";
import { fillName, overlay, readSettings, type Settings } from "./settings.js";
import { recertifiedJitp } from "./wording.js";

/** Seconds to wait for the first connect where a group does not say. A device needs about thirty once it is on. */
const defaultWaitSeconds = 120;

/** Devices named in one problem; the rest are counted. */
const shownDevices = 10;

interface Group extends Pick<JitpSpec, "certificate" | "waitSeconds" | "pending" | "protect"> {
  readonly name: string;
  readonly path: Path;
  readonly settings: Settings;
  readonly codes: GroupCodes;
  /** Devices without a code, to be reported together. */
  readonly codeless: Codeless[];
}

/** A device as its group names it. */
interface Draft {
  readonly deviceId: string;
  /** What a message may call it. */
  readonly label: string;
  readonly settings: Settings;
  readonly own: OwnCode;
  readonly source: Place;
}

/**
 * Why a device has no code: nothing gives it one (`bare`), it brings one and the group has a list (`doubled`), the list
 * has no line for it (`unlisted`), or its source is wrong, which has been reported (`unreadable`).
 */
type Codelessness = "bare" | "doubled" | "unlisted" | "unreadable";

interface Codeless {
  readonly why: Codelessness;
  readonly label: string;
  readonly source: Place;
}

type FoundCode =
  { readonly ok: true; readonly code: CodeSource } | { readonly ok: false; readonly why: Codelessness };

/** Resolves all just-in-time groups, reporting all that is wrong beyond their shape. */
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
    codeless: [],
  };
  const drafts = [
    ...readListed(listOf(definition.devices), path, context),
    ...readRows(definition, path, context),
  ];
  const devices = drafts.flatMap((draft) => resolveDevice(draft, group, context));
  reportCodeless(group, drafts.length, context.report);
  return devices;
}

function readListed(devices: readonly unknown[], groupPath: Path, context: Context): Draft[] {
  const { report, declaredDevices } = context;
  if (!declaredDevices.expect(devices.length, report.place([...groupPath, "devices"]))) return [];
  return devices.flatMap((device, index) => {
    const path = [...groupPath, "devices", index];
    const settings = readJitpSettings(device, path, report);
    const own = readOwnCode(device, path, context);
    const deviceId = readDeviceId(device, path, report);
    const label = deviceId === undefined ? "" : quote(deviceId);
    return deviceId === undefined ? [] : [{ deviceId, label, settings, own, source: report.place(path) }];
  });
}

/** The id of a listed device; undefined if it is illegal, or if there is not exactly one, which the schema reports. */
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
    // Where a column has slipped, what stands as an id may be a code.
    const label = `the device of ${formatPlace(device.source)}`;
    return deviceId === undefined ? [] : [{ deviceId, label, ...device }];
  });
}

/** Settings of a group or device; the schema refuses a `recertify` of theirs. */
function readJitpSettings(value: unknown, path: Path, report: Report): Settings {
  const { adopt, ...settings } = readSettings(value, path, report);
  return adopt === undefined || adopt === "recertify" ? settings : { ...settings, adopt };
}

function resolveDevice(draft: Draft, group: Group, { report, declaredDevices }: Context): JitpSpec[] {
  const { deviceId, source } = draft;
  const isNew = declaredDevices.register(deviceId, source);
  const settings = overlay(group.settings, draft.settings);
  const { subType, tags, name, adopt = "no", standing } = settings;
  const config = settings.config && effectiveConfig(settings.config);
  const displayName = name && fillName(name, deviceId, group.name, report);
  const found = findCode(deviceId, draft.own, group.codes);
  if (!found.ok) group.codeless.push({ why: found.why, label: draft.label, source });
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
      ...said(standing),
      waitSeconds: group.waitSeconds,
      pending: group.pending,
      source,
    },
  ];
}

function findCode(deviceId: string, own: OwnCode, codes: GroupCodes): FoundCode {
  if (own.kind === "unreadable") return { ok: false, why: "unreadable" };
  if (own.kind === "own") {
    return codes.kind === "none" ? { ok: true, code: own.code } : { ok: false, why: "doubled" };
  }
  if (codes.kind === "none") return { ok: false, why: "bare" };
  if (codes.kind === "unreadable") return { ok: false, why: "unreadable" };
  const line = codes.lines?.codeOf(deviceId);
  if (codes.lines && !line) return { ok: false, why: "unlisted" };
  if (line?.ok === false) return { ok: false, why: "unreadable" };
  return { ok: true, code: { kind: "list", from: codes.from, deviceId } };
}

function reportCodeless({ path, codeless }: Group, size: number, report: Report): void {
  const because = (why: Codelessness) => codeless.filter((device) => device.why === why);
  const [bare, doubled, unlisted] = [because("bare"), because("doubled"), because("unlisted")];
  const all = `the ${size} devices of this group`;
  // One slip in the group, not one in each device.
  if (size > 1 && bare.length === size) report.add(report.place(path, "key"), noCode(`${all} have`));
  else for (const { label, source } of bare) report.add(source, noCode(`${label} has`));
  const codes = report.place([...path, "codes"], "key");
  if (size > 1 && doubled.length === size) report.add(codes, twoCodes(`${all} bring`, "their codes"));
  else for (const { label, source } of doubled) report.add(source, twoCodes(`${label} brings`, "its code"));
  if (unlisted.length > 0) report.add(report.place([...path, "codes"]), noLine(unlisted));
}

function noCode(subject: string): Violation {
  return {
    message: `${subject} no ownership code`,
    fix: "give each device its code (in a CSV file, a column of this name), or the group a list of them: codes: { config: … }",
  };
}

function twoCodes(subject: string, object: string): Violation {
  return {
    message: `${subject} ${object} besides the list that the group names under codes`,
    fix: "keep one of the two, or make another group for devices that bring their codes",
  };
}

function noLine(devices: readonly Codeless[]): Violation {
  const shown = devices.slice(0, shownDevices).map(({ label }) => label);
  const rest = devices.length - shown.length;
  return {
    message: `the list has no line for ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`,
    fix: 'add a line "id,code" for each',
  };
}
