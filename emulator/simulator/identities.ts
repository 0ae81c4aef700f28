import { isRecord, isText } from "../http/json.js";

/** What a device needs to have to connect. */
export interface DeviceIdentity {
  readonly clientId: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads `[{"clientId","cert","key"}]`, or the replies of CreateDeviceCertificate (`clientCert`, `privateKey`). Throws an
 * Error that names the entry at fault and repeats nothing of it.
 */
export function parseIdentities(text: string): DeviceIdentity[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("it is not valid JSON");
  }
  if (!Array.isArray(value)) throw new Error("expected an array of devices");
  return value.map((device: unknown, index) => {
    if (!isRecord(device)) throw new Error(`device ${index}: expected an object`);
    const { clientId, cert = device.clientCert, key = device.privateKey } = device;
    if (!isText(clientId)) throw new Error(`device ${index}: clientId must be a text`);
    if (!isText(cert)) throw new Error(`device ${index}: cert must be a PEM text`);
    if (!isText(key)) throw new Error(`device ${index}: key must be a PEM text`);
    return { clientId, cert, key };
  });
}
