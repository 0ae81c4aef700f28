import { sign, verify, type KeyObject } from "node:crypto";

/** A byte string of up to 255 bytes in CBOR. */
export const byteString = (bytes: Uint8Array) =>
  Buffer.concat([Buffer.from(bytes.length < 24 ? [0x40 | bytes.length] : [0x58, bytes.length]), bytes]);

/** Tag 55799 ("this is CBOR") and an array of five, which is how every message of a modem starts. */
export const fiveFields = Buffer.from("d9d9f785", "hex");

/** Tag 18, an array of four, the protected {alg: ES256} and the unprotected {kid: -2, the identity key}. */
const head = Buffer.from("d28443a10126a1044121", "hex");
const nil = Buffer.from([0xf6]);
const signatureBytes = 64;

/** What is signed: ["Signature1", protected header, no external data, payload] (RFC 9052, 4.4). */
const content = (payload: Buffer) =>
  Buffer.concat([Buffer.from("846a5369676e61747572653143a1012640", "hex"), byteString(payload)]);

/** A COSE_Sign1 message whose payload is elsewhere. */
export const signedDetached = (payload: Buffer, key: KeyObject) =>
  Buffer.concat([head, nil, signature(payload, key)]);

/** A COSE_Sign1 message that holds its payload. */
export const signedAttached = (payload: Buffer, key: KeyObject) =>
  Buffer.concat([head, byteString(payload), signature(payload, key)]);

const signature = (payload: Buffer, key: KeyObject) =>
  byteString(sign("sha256", content(payload), { key, dsaEncoding: "ieee-p1363" }));

/** The signature in a message whose payload is elsewhere; undefined if it is not such a message. */
export function detachedSignature(message: Buffer): Buffer | undefined {
  const start = Buffer.concat([head, nil, Buffer.from([0x58, signatureBytes])]);
  const rest = message.subarray(start.length);
  return message.subarray(0, start.length).equals(start) && rest.length === signatureBytes ? rest : undefined;
}

export const isSignedBy = (payload: Buffer, signature: Buffer, key: KeyObject) =>
  verify("sha256", content(payload), { key, dsaEncoding: "ieee-p1363" }, signature);
