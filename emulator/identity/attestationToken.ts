import { randomBytes } from "node:crypto";
import { byteString, detachedSignature, fiveFields, isSignedBy, signedDetached } from "./cose.js";
import type { IdentityKeys } from "./identityKeys.js";

/** What a device states in its attestation token. */
export interface Attestation {
  /** A lower-case UUID. */
  readonly deviceId: string;
  /** 0 to 23; 1 to 6 are known. */
  readonly deviceType: number;
  /** A lower-case UUID. */
  readonly firmwareId: string;
}

export type TokenReading =
  | { readonly valid: true; readonly attestation: Attestation }
  | { readonly valid: false; readonly problem: string };

const deviceIdentity = 1;
const nonceBytes = 16;

/** The answer of the device's modem to AT%ATTESTTOKEN: another one each time. */
export function mintToken(keys: IdentityKeys, { deviceId, deviceType, firmwareId }: Attestation): string {
  const body = Buffer.concat([
    fiveFields,
    Buffer.from([deviceIdentity]),
    byteString(uuidBytes(deviceId)),
    Buffer.from([deviceType]),
    byteString(uuidBytes(firmwareId)),
    byteString(randomBytes(nonceBytes)),
  ]);
  const signature = signedDetached(body, keys.keyOf(deviceId).privateKey);
  return `${body.toString("base64url")}.${signature.toString("base64url")}`;
}

/** Reads a token and checks that the device which it names has signed it. */
export function readToken(keys: IdentityKeys, token: string): TokenReading {
  const parts = token.split(".");
  const [body, message] = parts.map((part) => Buffer.from(part, "base64url"));
  const isEncoded = body?.toString("base64url") === parts[0] && message?.toString("base64url") === parts[1];
  if (parts.length !== 2 || !isEncoded || body === undefined || message === undefined) {
    return refused("The claim token is malformed: it must be two base64url parts with a dot between them.");
  }
  const attestation = readBody(body);
  if (attestation === undefined) {
    return refused("The claim token is malformed: its first part is not a device identity message.");
  }
  const signature = detachedSignature(message);
  if (signature === undefined) {
    return refused("The claim token is malformed: its second part is not a signature by an identity key.");
  }
  if (!isSignedBy(body, signature, keys.keyOf(attestation.deviceId).publicKey)) {
    return refused("The signature of the claim token is not the device's.");
  }
  return { valid: true, attestation };
}

/** The layout is fixed, but for the bytes of ids, nonce and type. */
const bodyPattern =
  /^d9d9f7850150(?<device>[0-9a-f]{32})(?<type>0[0-9a-f]|1[0-7])50(?<firmware>[0-9a-f]{32})50[0-9a-f]{32}$/;

function readBody(body: Buffer): Attestation | undefined {
  const { device, type, firmware } = bodyPattern.exec(body.toString("hex"))?.groups ?? {};
  if (device === undefined || type === undefined || firmware === undefined) return undefined;
  return { deviceId: uuid(device), deviceType: Number.parseInt(type, 16), firmwareId: uuid(firmware) };
}

export const uuidBytes = (id: string) => Buffer.from(id.replaceAll("-", ""), "hex");

const uuid = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

const refused = (problem: string): TokenReading => ({ valid: false, problem });
