import { isJitpCredentials, type JitpCredentials } from "./answers.js";
import { path, type Transport } from "./transport.js";

/**
 * Lets nRF Cloud issue a certificate and key for a device that is not on the platform yet (CreateDeviceCertificate). Only this answer
 * has the private key, so a lost answer loses it. The account shows nothing until the device has connected and is associated.
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
