import { sha256Hex } from "./keys.js";

/**
 * SHA-256 (hex) of the certificate or public key in a PEM, independent of line ends; without a PEM block, of the string itself. It does
 * not parse the content, so it is fast for thousands.
 */
export function credentialFingerprint(pem: string): string {
  const [, body] = /-----BEGIN [^-]+-----([^-]+)-----END/.exec(pem) ?? [];
  return sha256Hex(body === undefined ? Buffer.from(pem) : Buffer.from(body, "base64"));
}
