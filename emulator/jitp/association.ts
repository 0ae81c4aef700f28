import type { ThingStore } from "../cloud.js";
import { sees } from "../devices/access.js";
import { mergeState, pairedWith, shadowOf, unpaired, type StateChange } from "../devices/shadow.js";
import {
  associatedElsewhere,
  badRequest,
  noJitpCertificate,
  noSuchProduct,
  notAssociated,
  nothingToDissociate,
  notProvisioned,
  planLimitExceeded,
  wrongOwnershipCode,
} from "../errors.js";
import type { Device } from "../store/device.js";
import type { Caller } from "../teams.js";
import { isCodeOf, isNordicId, isNordicProduct } from "./ownershipCode.js";

/** Associates a connected device with the caller's team. May be repeated, also to change the sub-type. */
export function associate(
  store: ThingStore,
  caller: Caller,
  deviceId: string,
  code: string,
  subType: string | undefined,
): void {
  const { settings, registry } = store;
  const { tenantId } = caller.team;
  if (isNordicId(deviceId) && !isNordicProduct(settings, deviceId, code)) {
    throw noSuchProduct(`No Nordic product with id ${JSON.stringify(deviceId)} and this ownership code.`);
  }
  const device = registry.latest(deviceId);
  if (device === undefined) {
    throw notProvisioned("No device found for this id. The device has not yet been provisioned.");
  }
  if (device.tenantId !== undefined && device.tenantId !== tenantId) {
    throw associatedElsewhere("The device is already associated with another account.");
  }
  if (!hasJitpCertificate(store, deviceId)) {
    throw noJitpCertificate("The device has no valid JITP certificate to associate it with.");
  }
  if (!isCodeOf(store, deviceId, code)) {
    throw wrongOwnershipCode("The ownership code is not the one of this device.");
  }
  if (device.tenantId === tenantId) {
    if (subType !== undefined && subType !== device.subType) registry.change(device, { subType }, "delayed");
    return;
  }
  if (registry.count(tenantId) >= settings.deviceLimit) {
    throw planLimitExceeded(`The plan's limit of ${settings.deviceLimit} devices is exceeded.`);
  }
  store.jitp.keepRegistered(deviceId);
  transfer(store, device, tenantId, pairedWith(tenantId, deviceId), subType);
}

/** Removes a device from the caller's team. It remains registered, so that anybody with its code can associate it again. */
export function dissociate(store: ThingStore, caller: Caller, deviceId: string): void {
  const device = store.registry.latest(deviceId);
  if (device === undefined) {
    throw nothingToDissociate(`No device found for id ${JSON.stringify(deviceId)}.`);
  }
  if (device.tenantId !== caller.team.tenantId || !sees(caller, device)) {
    throw notAssociated("The device is not associated with your account.");
  }
  if (store.jitp.registered(deviceId) === undefined) {
    throw badRequest("The device was not associated but onboarded, and can only be deleted.");
  }
  transfer(store, device, undefined, unpaired, undefined);
}

/** The sub-type of a just-in-time device that was not given any. */
export const defaultSubType = (deviceId: string) =>
  isNordicId(deviceId) ? "jitp-nordic-hardware" : "jitp-generic";

const hasJitpCertificate = ({ credentials, jitp }: ThingStore, deviceId: string): boolean => {
  const certificate = credentials.of(deviceId)?.certificate;
  return (
    certificate !== undefined &&
    jitp.find(certificate)?.deviceId === deviceId &&
    Date.parse(certificate.notAfter) > Date.now()
  );
};

/** Gives a device another owner, or none. Name and tags belong to the account, so they are removed. */
function transfer(
  { registry, credentials, events }: ThingStore,
  device: Device,
  tenantId: string | undefined,
  desired: Record<string, unknown>,
  subType: string | undefined,
): void {
  const change: StateChange = { desired };
  const moved = registry.transfer(device, tenantId, {
    name: device.id,
    tags: [],
    subType: subType ?? defaultSubType(device.id),
    shadow: mergeState(shadowOf(device), change, Date.now()),
  });
  const registered = credentials.of(device.id);
  if (registered !== undefined) credentials.put(device.id, { ...registered, tenantId });
  events.emit("shadow", { device: moved, change });
}
