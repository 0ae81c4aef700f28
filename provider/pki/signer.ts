import { createHash, createPublicKey, verify } from "node:crypto";
import { loadCa, type CaMaterial } from "./ca.js";
import * as der from "./der.js";
import { signWithKey } from "./keys.js";

/** Who signs with the key of a CA: a key in memory, or somebody outside who never gives it away. */
export interface Signer {
  /**
   * @param bytes what is signed, of any length
   * @returns ECDSA with SHA-256, DER
   */
  sign(bytes: Buffer): Promise<Buffer>;
}

/**
 * A signer that has the key itself.
 * @throws PkiError as `takeOverCa`
 */
export function keySigner(ca: CaMaterial): Signer {
  const { key } = loadCa(ca);
  return { sign: (bytes) => Promise.resolve(signWithKey(key, bytes)) };
}

/** SHA-256, as an outside signer is given it. */
export function digestOf(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** What somebody outside gave for a signature. */
export type Verdict = "good" | "not a signature" | "raw signature" | "of another key";

/**
 * Judges a signature from outside before it is used.
 * @param bytes what was to be signed
 * @param publicKeyPem of the CA
 */
export function verdictOn(signature: Buffer, bytes: Buffer, publicKeyPem: string): Verdict {
  if (!isEcdsaSignature(signature))
    return signature.length === RAW_BYTES ? "raw signature" : "not a signature";
  const key = createPublicKey(publicKeyPem);
  return verify("sha256", bytes, { key, dsaEncoding: "der" }, signature) ? "good" : "of another key";
}

/** Of P-256, as JWS, Azure Key Vault and PKCS#11 have it: two numbers of 32 bytes without a frame. */
const RAW_BYTES = 64;

function isEcdsaSignature(bytes: Buffer): boolean {
  try {
    const numbers = der.children(der.parseDer(bytes));
    return numbers.length === 2 && numbers.every((each) => der.content(each, der.tags.integer).length > 0);
  } catch {
    return false;
  }
}

/** The DER of a signature that is two numbers of 32 bytes without a frame. */
export function derOfRaw(raw: Buffer): Buffer {
  const half = raw.length / 2;
  const number = (bytes: Buffer) => der.integer(bytes.toString("hex").replace(/^(00)+(?=..)/, ""));
  return der.encodeDer(der.sequence(number(raw.subarray(0, half)), number(raw.subarray(half))));
}
