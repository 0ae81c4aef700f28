import { isJitpCredentials, type JitpCredentials } from "./answers.js";
import { path, type Transport } from "./transport.js";

/**
 * Has nRF Cloud issue a certificate and key for a device that is not on the platform yet (CreateDeviceCertificate). The
 * private key is in this answer and nowhere else; a lost answer is a lost key. Nothing shows in the account before the
 * device connects and is associated.
 */
export function createDeviceCertificate(
  transport: Transport,
  deviceId: string,
  ownershipCode: string,
): Promise<JitpCredentials> {
  return transport.ask(
    {
      operation: "CreateDeviceCertificate",
      deviceId,
      method: "POST",
      path: path("devices", deviceId, "certificates"),
      body: { type: "text/plain", text: ownershipCode },
      secrets: [ownershipCode],
    },
    isJitpCredentials,
  );
}
