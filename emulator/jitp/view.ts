import type { Cloud } from "../cloud.js";
import type { JitpCertificate } from "../store/jitpRegister.js";

/** The state of a just-in-time certificate and its device. */
export function jitpView(
  { registry, credentials }: Pick<Cloud, "registry" | "credentials">,
  { deviceId, certificate, registration }: JitpCertificate,
) {
  const owner = registry.latest(deviceId)?.tenantId;
  const isPresent = credentials.of(deviceId)?.certificate?.fingerprint === certificate.fingerprint;
  const state = {
    issued: "issued",
    registering: "registering",
    registered: isPresent ? (owner === undefined ? "not associated" : "associated") : "replaced",
  }[registration.kind];
  return { deviceId, state, tenantId: owner, certificate };
}
