/** The devices of each group with everything that applies to them. */
import type { Context } from "./context.js";
import { effectiveConfig } from "./config.js";
import { impliedCredential, readOwnCredential, type OwnCredential } from "./credential.js";
import { readGroupCsv } from "./csvFile.js";
import { isRecord, listOf, textAt } from "./data.js";
import type { DeviceCredential, DeviceSpec, Place } from "./fleet.js";
import { parseIdPattern } from "./ids.js";
import { formatPath, type Path, type Report } from "./problems.js";
import { deviceCsv, readRow } from "./rows.js";
import type { Rotation } from "./rotation.js";
import { checkDeviceId, quote, type Violation } from "./rules.js";
import { said } from "./retired.js";
import { fillName, noSettings, overlay, readSettings, type Settings } from "./settings.js";

/** What all groups share while a fleet is resolved. */
interface Setting extends Context {
  readonly hasCa: boolean;
  readonly devices: DeviceSpec[];
}

interface Group {
  readonly name: string;
  readonly path: Path;
  readonly settings: Settings;
  readonly protect: boolean;
  /** Devices for which there is no credential, to be reported together. */
  readonly bare: { readonly deviceId: string; readonly source: Place }[];
}

/** A device as its group names it. */
interface Draft {
  readonly deviceId: string;
  readonly settings: Settings;
  readonly own: OwnCredential;
  readonly source: Place;
}

/** Resolves all groups, reporting all that is wrong beyond their shape. `hasCa`: the fleet has an authority. */
export function resolveGroups(
  groups: unknown,
  defaults: Settings,
  hasCa: boolean,
  context: Context,
): readonly DeviceSpec[] {
  const setting: Setting = { ...context, hasCa, devices: [] };
  for (const [name, group] of isRecord(groups) ? Object.entries(groups) : []) {
    if (isRecord(group)) resolveGroup(name, group, defaults, setting);
  }
  return setting.devices;
}

function resolveGroup(
  name: string,
  definition: Readonly<Record<string, unknown>>,
  defaults: Settings,
  setting: Setting,
): void {
  const path = ["groups", name];
  const group: Group = {
    name,
    path,
    settings: overlay(defaults, readSettings(definition, path, setting.report)),
    protect: definition.protect === true,
    bare: [],
  };
  const before = setting.devices.length;
  addPatterns(definition.ids, group, setting);
  addListed(listOf(definition.devices), group, setting);
  addRows(definition, group, setting);
  reportBare(group, setting.devices.length - before, setting.report);
}

function addPatterns(ids: unknown, group: Group, setting: Setting): void {
  const path = [...group.path, "ids"];
  const patterns =
    typeof ids === "string"
      ? [{ text: ids, path }]
      : listOf(ids).map((text, index) => ({ text, path: [...path, index] }));
  for (const { text, path } of patterns) {
    if (typeof text !== "string" || text === "") continue;
    const source = setting.report.place(path);
    const parsed = parseIdPattern(text);
    if (!parsed.ok) {
      setting.report.add(source, parsed);
    } else if (setting.declaredDevices.expect(parsed.pattern.count, source)) {
      for (const deviceId of parsed.pattern.ids()) {
        addDevice({ deviceId, settings: noSettings, own: { kind: "none" }, source }, group, setting);
      }
    }
  }
}

function addListed(devices: readonly unknown[], group: Group, setting: Setting): void {
  const { report } = setting;
  if (!setting.declaredDevices.expect(devices.length, report.place([...group.path, "devices"]))) return;
  for (const [index, device] of devices.entries()) {
    const path = [...group.path, "devices", index];
    const settings = readSettings(device, path, report);
    const id = typeof device === "string" ? device : textAt(device, "id");
    const deviceId = id !== undefined && !checkDeviceId(id) ? id : undefined;
    const own = readOwnCredential(device, path, deviceId, setting);
    if (deviceId === undefined) continue;
    addDevice({ deviceId, settings, own, source: report.place(path) }, group, setting);
  }
}

function addRows(definition: unknown, group: Group, setting: Setting): void {
  const path = formatPath([...group.path, "csv"]);
  for (const row of readGroupCsv(definition, group.path, deviceCsv, setting)) {
    const { deviceId, ...device } = readRow(row, path, setting);
    if (deviceId !== undefined) addDevice({ deviceId, ...device }, group, setting);
  }
}

function addDevice({ deviceId, own, source, ...draft }: Draft, group: Group, setting: Setting): void {
  const isNew = setting.declaredDevices.register(deviceId, source);
  if (own.kind === "own") setting.declaredDevices.registerCredential(own.pem, deviceId, source);
  const settings = overlay(group.settings, draft.settings);
  const { subType, tags, firmwareTypes = [], name, adopt = "no", standing, rotation } = settings;
  const config = settings.config && effectiveConfig(settings.config);
  const displayName = name && fillName(name, deviceId, group.name, setting.report);
  const credential = own.kind === "own" ? own.credential : impliedCredential(setting.hasCa, adopt);
  if (own.kind === "unreadable" || !isNew) return;
  if (credential === undefined) {
    group.bare.push({ deviceId, source });
    return;
  }
  refuseUnsignable(credential, deviceId, source, setting);
  refuseUnrotatable(credential, draft.settings, deviceId, source, setting);
  setting.devices.push({
    deviceId,
    group: group.name,
    ...(subType !== undefined && { subType }),
    tags,
    firmwareTypes,
    ...(displayName !== undefined && { name: displayName }),
    ...(config && { config }),
    adopt,
    protect: group.protect,
    ...said(standing),
    credential: rotation === undefined ? credential : rotatedAs(credential, rotation.of(deviceId)),
    source,
  });
}

/** A rotation of a group is for those of its devices that get a certificate from the CA. */
function rotatedAs(credential: DeviceCredential, rotation: Rotation): DeviceCredential {
  return credential.kind === "issue" || credential.kind === "csr" ? { ...credential, rotation } : credential;
}

function refuseUnrotatable(
  { kind }: DeviceCredential,
  { rotation }: Settings,
  deviceId: string,
  source: Place,
  { report }: Setting,
): void {
  if (rotation === undefined || kind === "issue" || kind === "csr") return;
  report.add(source, {
    message: `${quote(deviceId)} has a rotation, but the fleet issues no certificate for it`,
    fix: "leave the rotation out, and give another certificate or key instead",
  });
}

function refuseUnsignable(
  credential: DeviceCredential,
  deviceId: string,
  source: Place,
  { hasCa, report }: Setting,
): void {
  if (credential.kind !== "csr" || hasCa) return;
  report.add(source, {
    message: `${quote(deviceId)} has a csr, but the fleet has no "ca" to sign it`,
    fix: "add a ca section, or give the signed certificate instead",
  });
}

/** One problem for a group that is bare throughout, else one for each place that declares a bare device. */
function reportBare({ bare, path }: Group, dressed: number, report: Report): void {
  const [first] = bare;
  if (first === undefined) return;
  if (dressed === 0 && bare.length > 1) {
    report.add(report.place(path, "key"), noCredential(`the ${bare.length} devices of this group have`));
    return;
  }
  for (const { deviceId, source } of bare) report.add(source, noCredential(`${quote(deviceId)} has`));
}

function noCredential(subject: string): Violation {
  return {
    message: `${subject} no way to a certificate: neither a "ca" nor a certificate, csr or publicKey`,
    fix: 'add "ca: { subject: { commonName: … } }" to issue one, or adopt: true for a device that is in the account already',
  };
}
