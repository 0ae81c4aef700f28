/** Resolves the groups under `groups`. */
import type { Context } from "./context.js";
import { effectiveConfig } from "../config.js";
import { impliedCredential, readOwnCredential, type OwnCredential } from "./credential.js";
import { readGroupCsv } from "../csv/groupFile.js";
import { isRecord, listOf, textAt } from "../data.js";
import type { DeviceCredential, DeviceSpec } from "../deviceSpec.js";
import type { Place } from "../place.js";
import { parseIdPattern } from "../idPattern.js";
import { formatPath, type Path, type Report } from "../problems.js";
import { deviceCsv, readRow } from "../csv/deviceRow.js";
import type { Rotation } from "../rotation.js";
import { checkDeviceId, quote, type Violation } from "../rules.js";
import { optionalRetirement } from "../retirement.js";
import { fillName, noSettings, overlay, readSettings, type Settings } from "./settings.js";

interface GroupsContext extends Context {
  readonly hasCa: boolean;
  readonly devices: DeviceSpec[];
}

interface Group {
  readonly name: string;
  readonly path: Path;
  readonly settings: Settings;
  readonly protect: boolean;
  /** Devices without a credential, which are reported together. */
  readonly withoutCredential: { readonly deviceId: string; readonly source: Place }[];
}

/** A device before the settings of its group apply. */
interface Draft {
  readonly deviceId: string;
  readonly settings: Settings;
  readonly own: OwnCredential;
  readonly source: Place;
}

/** Resolves all groups. The schema has reported what has the wrong shape; all else is reported here. */
export function resolveGroups(
  groups: unknown,
  defaults: Settings,
  hasCa: boolean,
  shared: Context,
): readonly DeviceSpec[] {
  const context: GroupsContext = { ...shared, hasCa, devices: [] };
  for (const [name, group] of isRecord(groups) ? Object.entries(groups) : []) {
    if (isRecord(group)) resolveGroup(name, group, defaults, context);
  }
  return context.devices;
}

function resolveGroup(
  name: string,
  definition: Readonly<Record<string, unknown>>,
  defaults: Settings,
  context: GroupsContext,
): void {
  const path = ["groups", name];
  const group: Group = {
    name,
    path,
    settings: overlay(defaults, readSettings(definition, path, context.report)),
    protect: definition.protect === true,
    withoutCredential: [],
  };
  const before = context.devices.length;
  addPatterns(definition.ids, group, context);
  addListed(listOf(definition.devices), group, context);
  addRows(definition, group, context);
  reportMissingCredentials(group, context.devices.length - before, context.report);
}

function addPatterns(ids: unknown, group: Group, context: GroupsContext): void {
  const path = [...group.path, "ids"];
  const patterns =
    typeof ids === "string"
      ? [{ text: ids, path }]
      : listOf(ids).map((text, index) => ({ text, path: [...path, index] }));
  for (const { text, path } of patterns) {
    if (typeof text !== "string" || text === "") continue;
    const source = context.report.place(path);
    const parsed = parseIdPattern(text);
    if (!parsed.ok) {
      context.report.add(source, parsed);
    } else if (context.declaredDevices.reserve(parsed.pattern.count, source)) {
      for (const deviceId of parsed.pattern.ids()) {
        addDevice({ deviceId, settings: noSettings, own: { kind: "none" }, source }, group, context);
      }
    }
  }
}

function addListed(devices: readonly unknown[], group: Group, context: GroupsContext): void {
  const { report } = context;
  if (!context.declaredDevices.reserve(devices.length, report.place([...group.path, "devices"]))) return;
  for (const [index, device] of devices.entries()) {
    const path = [...group.path, "devices", index];
    const settings = readSettings(device, path, report);
    const id = typeof device === "string" ? device : textAt(device, "id");
    const deviceId = id !== undefined && !checkDeviceId(id) ? id : undefined;
    const own = readOwnCredential(device, path, deviceId, context);
    if (deviceId === undefined) continue;
    addDevice({ deviceId, settings, own, source: report.place(path) }, group, context);
  }
}

function addRows(definition: unknown, group: Group, context: GroupsContext): void {
  const path = formatPath([...group.path, "csv"]);
  for (const row of readGroupCsv(definition, group.path, deviceCsv, context)) {
    const { deviceId, ...device } = readRow(row, path, context);
    if (deviceId !== undefined) addDevice({ deviceId, ...device }, group, context);
  }
}

function addDevice({ deviceId, own, source, ...draft }: Draft, group: Group, context: GroupsContext): void {
  const isNew = context.declaredDevices.register(deviceId, source);
  if (own.kind === "own") context.declaredDevices.registerCredential(own.pem, deviceId, source);
  const settings = overlay(group.settings, draft.settings);
  const { subType, tags, firmwareTypes = [], name, adopt = "no", retirement, rotation } = settings;
  const config = settings.config && effectiveConfig(settings.config);
  const displayName = name && fillName(name, deviceId, group.name, context.report);
  const credential = own.kind === "own" ? own.credential : impliedCredential(context.hasCa, adopt);
  if (own.kind === "unreadable" || !isNew) return;
  if (credential === undefined) {
    group.withoutCredential.push({ deviceId, source });
    return;
  }
  refuseUnsignable(credential, deviceId, source, context);
  refuseUnrotatable(credential, draft.settings, deviceId, source, context);
  context.devices.push({
    deviceId,
    group: group.name,
    ...(subType !== undefined && { subType }),
    tags,
    firmwareTypes,
    ...(displayName !== undefined && { name: displayName }),
    ...(config && { config }),
    adopt,
    protect: group.protect,
    ...optionalRetirement(retirement),
    credential: rotation === undefined ? credential : rotatedAs(credential, rotation.forDevice(deviceId)),
    source,
  });
}

/** A group's rotation applies only to its devices with a certificate of the CA. */
function rotatedAs(credential: DeviceCredential, rotation: Rotation): DeviceCredential {
  return credential.kind === "issue" || credential.kind === "csr" ? { ...credential, rotation } : credential;
}

function refuseUnrotatable(
  { kind }: DeviceCredential,
  { rotation }: Settings,
  deviceId: string,
  source: Place,
  { report }: GroupsContext,
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
  { hasCa, report }: GroupsContext,
): void {
  if (credential.kind !== "csr" || hasCa) return;
  report.add(source, {
    message: `${quote(deviceId)} has a csr, but the fleet has no "ca" to sign it`,
    fix: "add a ca section, or give the signed certificate instead",
  });
}

/** Reports one problem for the group if none of its devices has a credential, else one for each device without one. */
function reportMissingCredentials(
  { withoutCredential, path }: Group,
  resolvedCount: number,
  report: Report,
): void {
  const [first] = withoutCredential;
  if (first === undefined) return;
  if (resolvedCount === 0 && withoutCredential.length > 1) {
    report.add(
      report.place(path, "key"),
      noCredential(`the ${withoutCredential.length} devices of this group have`),
    );
    return;
  }
  for (const { deviceId, source } of withoutCredential)
    report.add(source, noCredential(`${quote(deviceId)} has`));
}

function noCredential(subject: string): Violation {
  return {
    message: `${subject} no credential: the fleet has no "ca", and the device no certificate, csr or publicKey`,
    fix: 'add "ca: { subject: { commonName: … } }" to issue one, or adopt: true for a device that is in the account already',
  };
}
