import type { ThingStore } from "../cloud.js";
import type { Certificate } from "../store/credentialRegister.js";
import type { Device } from "../store/device.js";
import type { JitpCertificate } from "../store/jitpRegister.js";

/** The decision on a connection, by its certificate. */
export type Admission =
  | { readonly kind: "admitted"; readonly device: Device }
  /** The first connection with a just-in-time certificate: the broker registers the certificate, and closes the connection. */
  | { readonly kind: "first connect"; readonly jitp: JitpCertificate }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Decides by the certificate, not by its issuer. The certificate must be registered for an existing device, or be a just-in-time
 * certificate of this emulator.
 */
export function admissionOf(
  { registry, credentials, jitp: register }: ThingStore,
  certificate: Certificate,
): Admission {
  const now = Date.now();
  if (now < Date.parse(certificate.notBefore)) return refused("the certificate is not valid yet");
  if (now > Date.parse(certificate.notAfter)) return refused("the certificate has expired");

  const holder = credentials.holder(certificate);
  if (holder !== undefined) {
    const device = registry.latest(holder);
    return device === undefined
      ? refused("the certificate is registered, but its device is not onboarded")
      : { kind: "admitted", device };
  }
  const jitp = register.find(certificate);
  if (jitp === undefined) return refused("the certificate is not registered");
  if (registry.latest(jitp.deviceId)?.tenantId !== undefined) {
    return refused("the device has another certificate");
  }
  switch (jitp.registration.kind) {
    case "issued":
      return { kind: "first connect", jitp };
    case "registering":
      return refused("the device is being registered");
    case "registered":
      return refused("the device has another certificate");
  }
}

const refused = (reason: string): Admission => ({ kind: "refused", reason });
