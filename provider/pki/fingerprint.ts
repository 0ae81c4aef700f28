import { sha256Hex } from "./keys.js";

/**
 * SHA-256 (hex) of the certificate or public key in a PEM text, whatever its line ends; of the text itself where it holds no
 * PEM block. Parses nothing, so that thousands are quick.
 */
export function credentialFingerprint(pem: string): string {
  const [, body] = /-----BEGIN [^-]+-----([^-]+)-----END/.exec(pem) ?? [];
  return sha256Hex(body === undefined ? Buffer.from(pem) : Buffer.from(body, "base64"));
}
