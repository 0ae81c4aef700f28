import type { DeviceStore } from "../cloud.js";
import { readCredential } from "./credential.js";
import { certificateTaken, existsDifferently, isAnotherDevices, type Refusal } from "./refusal.js";

/**
 * Registers a certificate for a device id. It replaces the certificate of an onboarded device. For another id it is stored until the
 * device is onboarded. The public key for JWTs is then that of the certificate.
 */
export function registerCertificate(
  { settings, credentials }: DeviceStore,
  tenantId: string,
  deviceId: string,
  pem: string,
): Refusal | undefined {
  const forced = settings.rejectRows.get(deviceId);
  if (forced !== undefined) return { kind: "conflict", message: forced };
  const reading = readCredential(pem, deviceId, settings);
  if (!reading.valid) return { kind: "invalid", message: reading.problem };
  const { certificate, publicKey } = reading.credential;

  const registered = credentials.of(deviceId);
  if (registered !== undefined && registered.tenantId !== tenantId) return existsDifferently(deviceId);
  if (isAnotherDevices(credentials, certificate, deviceId)) return certificateTaken;
  if (registered?.certificate?.fingerprint === certificate?.fingerprint) return undefined;
  credentials.put(deviceId, { tenantId, certificate, certifiedAt: Date.now(), publicKey });
  return undefined;
}

/** Registers the public key that verifies a device's JWTs, overwriting an earlier one. */
export function registerPublicKey(
  { settings, credentials }: DeviceStore,
  tenantId: string,
  deviceId: string,
  pem: string,
): Refusal | undefined {
  const forced = settings.rejectRows.get(deviceId);
  if (forced !== undefined) return { kind: "conflict", message: forced };
  const reading = readCredential(pem, deviceId, settings);
  if (!reading.valid) return { kind: "invalid", message: reading.problem };

  const registered = credentials.of(deviceId);
  if (registered !== undefined && registered.tenantId !== tenantId) return existsDifferently(deviceId);
  credentials.put(deviceId, {
    tenantId,
    certificate: registered?.certificate,
    certifiedAt: registered?.certifiedAt,
    publicKey: reading.credential.publicKey,
  });
  return undefined;
}
