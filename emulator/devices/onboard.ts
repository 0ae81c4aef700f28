import type { DeviceStore } from "../cloud.js";
import type { Device } from "../store/device.js";
import { readCredential } from "./credential.js";
import {
  certificateTaken,
  existsDifferently,
  isAnotherDevices,
  limitExceeded,
  type Refusal,
} from "./refusal.js";

/** A device to be onboarded: a row of a bulk upload, or the body of the single operation. */
export interface Onboarding {
  readonly deviceId: string;
  readonly subType: string | undefined;
  readonly tags: readonly string[];
  readonly firmwareTypes: readonly string[];
  /** A certificate or public key in PEM. */
  readonly pem: string;
}

/** Onboards a device into a team. Accepts an identical device of the same team again. */
export function onboard(store: DeviceStore, tenantId: string, request: Onboarding): Refusal | undefined {
  const { settings, registry, credentials } = store;
  const { deviceId, subType, tags, firmwareTypes, pem } = request;
  const forced = settings.rejectRows.get(deviceId);
  if (forced !== undefined) return { kind: "conflict", message: forced };
  const reading = readCredential(pem, deviceId, settings);
  if (!reading.valid) return { kind: "invalid", message: reading.problem };
  const { certificate, publicKey } = reading.credential;

  const registered = credentials.of(deviceId);
  const present = registry.latest(deviceId);
  if (registered !== undefined && registered.tenantId !== tenantId) return existsDifferently(deviceId);
  if (present !== undefined) {
    const sameCredential =
      registered?.certificate?.fingerprint === certificate?.fingerprint &&
      (certificate !== undefined || registered?.publicKey === publicKey);
    return sameAttributes(present, request) && sameCredential ? undefined : existsDifferently(deviceId);
  }
  if (isAnotherDevices(credentials, certificate, deviceId)) return certificateTaken;
  if (registry.count(tenantId) >= settings.deviceLimit) return limitExceeded(settings.deviceLimit);

  registry.create({ id: deviceId, tenantId, subType, tags, firmwareTypes });
  credentials.put(deviceId, {
    tenantId,
    certificate,
    certifiedAt: certificate === undefined ? undefined : Date.now(),
    publicKey,
  });
  return undefined;
}

const sameAttributes = (device: Device, request: Onboarding) =>
  device.subType === request.subType &&
  sameMembers(device.tags, request.tags) &&
  sameMembers(device.firmwareTypes, request.firmwareTypes);

const sameMembers = (a: readonly string[], b: readonly string[]) =>
  new Set(a).size === new Set(b).size && a.every((member) => b.includes(member));
