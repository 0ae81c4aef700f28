import { cdeDecodeOptions, decode, Tag } from "cbor2";
import { PkiError } from "./errors.js";

/** The content of an attestation token. It has no IMEI, owner or expiry. */
export interface AttestationToken {
  /** Lower-case UUID, under which the device is claimed and by default onboarded. */
  readonly deviceUuid: string;
  readonly deviceType: DeviceType;
  /** Lower-case UUID of the modem firmware. */
  readonly firmwareUuid: string;
}

/** The chip: its number in the token, and its name. */
export interface DeviceType {
  readonly number: number;
  readonly name: "nRF9160" | "nRF9161" | "nRF9131" | "nRF9151" | `unknown (${number})`;
}

/**
 * Parses the answer of a modem to `AT%ATTESTTOKEN`, with or without white space and quotes around it. Two tokens of one device differ in
 * a nonce, so compare devices by UUID, never by token.
 *
 * The signature is not verified, since only Nordic has the public key.
 * @throws PkiError malformed-token; the message never quotes the token, which is a secret
 */
export function parseAttestationToken(text: string): AttestationToken {
  const [body, signature] = partsOf(bareAttestationToken(text));
  const token = readIdentity(body);
  requireSignature(signature);
  return token;
}

/** The token for the service, without white space and quotes around it. */
export function bareAttestationToken(text: string): string {
  const [, , quoted] = /^(["'])(.*)\1$/s.exec(text.trim()) ?? [];
  return (quoted ?? text).trim();
}

/** `base64url(body).base64url(signature)` */
function partsOf(token: string): [body: Buffer, signature: Buffer] {
  if (token === "") throw malformed("is empty");
  const [body = "", signature, ...others] = token.split(".");
  if (others.length > 0) {
    throw malformed(
      `has ${others.length + 2} parts between dots, not 2: it is something else, such as a JWT`,
    );
  }
  if (signature === undefined) throw malformed("has no dot: its second part, the signature, is missing");
  return [fromBase64url(body, "first"), fromBase64url(signature, "second")];
}

function fromBase64url(part: string, which: string): Buffer {
  if (part === "") throw malformed(`has nothing in its ${which} part`);
  const bytes = Buffer.from(part, "base64url");
  if (bytes.toString("base64url") !== part) {
    throw malformed(`has a ${which} part that is not base64url: it was changed, or cut short, on its way`);
  }
  return bytes;
}

/** The tag that marks the following bytes as CBOR. */
const SELF_DESCRIBED = 55799;
const DEVICE_IDENTITY_V1 = 1;
const MAX_UINT32 = 0xffff_ffff;

/** The body: 55799([1, device UUID, device type, firmware UUID, nonce]). */
function readIdentity(body: Buffer): AttestationToken {
  if (body[0] === DER_SEQUENCE) {
    throw malformed("is the modem's answer to AT%KEYGEN, with a key or CSR, not to AT%ATTESTTOKEN");
  }
  const content = decoded(body, "first");
  const [message, device, type, firmware, nonce, ...others] = itemsOf(content, SELF_DESCRIBED);
  if (message !== DEVICE_IDENTITY_V1) throw malformed(OTHER_KIND);
  if (others.length > 0 || !isUint32(type) || !isId(device) || !isId(firmware) || !isId(nonce)) {
    throw malformed("is a device identity message, but not with the five fields of an attestation token");
  }
  return {
    deviceUuid: uuid(device),
    deviceType: { number: type, name: DEVICE_TYPES.get(type) ?? `unknown (${type})` },
    firmwareUuid: uuid(firmware),
  };
}

const DER_SEQUENCE = 0x30;
const OTHER_KIND = "is of another kind: its first part is not a device identity message";

const DEVICE_TYPES = new Map<number, DeviceType["name"]>([
  [1, "nRF9160"],
  [2, "nRF9160"],
  [3, "nRF9160"],
  [4, "nRF9161"],
  [5, "nRF9131"],
  [6, "nRF9151"],
]);

const COSE_SIGN1 = 18;
/** {alg: ES256} */
const PROTECTED = Buffer.from("a10126", "hex");
const KEY_ID = 4;
/** -2 in CBOR: the device's identity key. */
const IDENTITY_KEY = Buffer.from("21", "hex");
const SIGNATURE_BYTES = 64;

/** The signature: a COSE_Sign1 with a detached payload, which is the body. */
function requireSignature(bytes: Buffer): void {
  const cose = decoded(bytes, "second");
  const [header, unprotected, payload, signature, ...others] = itemsOf(cose, COSE_SIGN1);
  if (signature === undefined || others.length > 0) {
    throw malformed("has a second part that is not a signature (COSE_Sign1)");
  }
  if (payload !== null) {
    throw malformed("is of another kind: it has a message inside its signature, as answers to AT%KEYGEN do");
  }
  if (!isBytes(header) || !PROTECTED.equals(header)) {
    throw malformed("is not signed with ES256 (ECDSA on P-256 with SHA-256)");
  }
  if (!isSignedByIdentityKey(unprotected)) throw malformed("is not signed with the device's identity key");
  if (!isBytes(signature) || signature.length !== SIGNATURE_BYTES) {
    throw malformed(`has a signature that is not ${SIGNATURE_BYTES} bytes long`);
  }
}

function isSignedByIdentityKey(header: unknown): boolean {
  if (!(header instanceof Map) || header.size !== 1) return false;
  const keyId: unknown = header.get(KEY_ID);
  return isBytes(keyId) && IDENTITY_KEY.equals(keyId);
}

/** Accepts only the deterministic encoding, and does not interpret tags. */
const STRICT = { ...cdeDecodeOptions, rejectFloats: true, ignoreGlobalTags: true, preferMap: true };

/** Exactly one value, encoded as modems do. */
function decoded(bytes: Buffer, which: string): unknown {
  try {
    return decode(bytes, STRICT);
  } catch {
    // A message of the library may quote the token.
    throw malformed(
      `has a ${which} part of ${bytes.length} bytes that is not CBOR: it was cut short or changed, or is something else`,
    );
  }
}

/** The items of a list with this tag; none if it is anything else. */
function itemsOf(value: unknown, tag: number): readonly unknown[] {
  return value instanceof Tag && value.tag === tag && Array.isArray(value.contents) ? value.contents : [];
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function isId(value: unknown): value is Uint8Array {
  return isBytes(value) && value.length === 16;
}

function isUint32(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_UINT32;
}

function uuid(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function malformed(problem: string): PkiError {
  return new PkiError(
    "malformed-token",
    `The attestation token ${problem}.`,
    "Read it again with AT%ATTESTTOKEN, on an nRF91x1 with modem firmware 2.0.0 or newer. Give all that is between the quotes of the " +
      "answer. The %CLAIMTOKEN of an nRF9160 is something else.",
  );
}
