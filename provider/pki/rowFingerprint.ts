import { describeCertificate } from "./certificate.js";
import { parseCsr } from "./csr.js";
import { parsePublicKey, publicKeyFromPem, sha256Hex } from "./keys.js";

/** Digits of a fingerprint in a row: 128 bits of SHA-256. */
const DIGITS = 32;

/** The fingerprint of a given certificate. @throws PkiError */
export function certificateFingerprint(pem: string): string {
  return describeCertificate(pem).fingerprint.slice(0, DIGITS);
}

/** The fingerprint of a given public key. @throws PkiError */
export function publicKeyFingerprint(pem: string): string {
  return parsePublicKey(pem).fingerprint.slice(0, DIGITS);
}

/** The fingerprint of a CSR's public key and common name. Another CSR for the same key has the same one. @throws PkiError */
export function csrFingerprint(pem: string): string {
  const { subject, publicKeyPem } = parseCsr(pem);
  const named = Buffer.concat([publicKeyFromPem(publicKeyPem), Buffer.from(`\n${subject.commonName ?? ""}`)]);
  return sha256Hex(named).slice(0, DIGITS);
}
