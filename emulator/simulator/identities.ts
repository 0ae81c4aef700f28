import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isRecord, isText } from "../http/json.js";

/** The id and the credential of a device. */
export interface DeviceIdentity {
  readonly clientId: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads `[{"clientId","cert","key"}]`, or the replies of CreateDeviceCertificate (`clientCert`, `privateKey`). Throws an
 * Error that names the invalid entry, without its content.
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

/**
 * Reads a folder of PEM files, such as `nrfcloud-fleet credentials` writes: each private key with its certificate.
 * The common name is the device id. Other files are left out. Throws an Error if no key has a certificate.
 */
export async function readIdentityFolder(folder: string): Promise<DeviceIdentity[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".pem")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  const keys = new Map(
    texts
      .filter((pem) => /-----BEGIN (?:EC )?PRIVATE KEY-----/.test(pem))
      .map((pem) => [publicKeyOf(createPrivateKey(pem)), pem]),
  );
  const identities = texts
    .filter((pem) => pem.includes("-----BEGIN CERTIFICATE-----"))
    .flatMap((cert): DeviceIdentity[] => {
      const { publicKey, subject } = new X509Certificate(cert);
      const key = keys.get(publicKeyOf(publicKey));
      const [, clientId] = /^CN=(.+)$/m.exec(subject) ?? [];
      return key === undefined || clientId === undefined ? [] : [{ clientId, cert, key }];
    });
  if (identities.length === 0) throw new Error("it holds no private key (.pem) with its certificate");
  return identities;
}

const publicKeyOf = (key: KeyObject): string =>
  (key.type === "private" ? createPublicKey(key) : key)
    .export({ type: "spki", format: "der" })
    .toString("base64");
