import { createHash, createPublicKey, verify } from "node:crypto";
import { loadCa, type CaMaterial } from "./ca.js";
import * as der from "./der.js";
import { signWithKey } from "./keys.js";

/** Signs with the key of a CA, which is in memory or never leaves an outside signer. */
export interface Signer {
  /**
   * @param bytes the bytes to sign, of any length
   * @returns ECDSA with SHA-256, DER
   */
  sign(bytes: Buffer): Promise<Buffer>;
}

/**
 * A signer with the key in memory.
 * @throws PkiError as `takeOverCa`
 */
export function keySigner(ca: CaMaterial): Signer {
  const { key } = loadCa(ca);
  return { sign: (bytes) => Promise.resolve(signWithKey(key, bytes)) };
}

/** The SHA-256 that an outside signer gets. */
export function digestOf(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** The result of checking an outside signature. */
export type Verdict = "good" | "not a signature" | "raw signature" | "of another key";

/**
 * Checks a signature of an outside signer.
 * @param bytes the signed bytes
 * @param publicKeyPem the public key of the CA
 */
export function verdictOn(signature: Buffer, bytes: Buffer, publicKeyPem: string): Verdict {
  if (!isEcdsaSignature(signature))
    return signature.length === RAW_BYTES ? "raw signature" : "not a signature";
  const key = createPublicKey(publicKeyPem);
  return verify("sha256", bytes, { key, dsaEncoding: "der" }, signature) ? "good" : "of another key";
}

/** The length of a raw P-256 signature of JWS, Azure Key Vault and PKCS#11: two numbers of 32 bytes. */
const RAW_BYTES = 64;

function isEcdsaSignature(bytes: Buffer): boolean {
  try {
    const numbers = der.children(der.parseDer(bytes));
    return numbers.length === 2 && numbers.every((each) => der.content(each, der.tags.integer).length > 0);
  } catch {
    return false;
  }
}

/** Converts a raw signature to DER. */
export function derOfRaw(raw: Buffer): Buffer {
  const half = raw.length / 2;
  const number = (bytes: Buffer) => der.integer(bytes.toString("hex").replace(/^(00)+(?=..)/, ""));
  return der.encodeDer(der.sequence(number(raw.subarray(0, half)), number(raw.subarray(half))));
}
