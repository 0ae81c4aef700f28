import { describeCertificate } from "./certificate.js";
import { parseCsr } from "./csr.js";
import { parsePublicKey, publicKeyFromPem, sha256Hex } from "./keys.js";

/** Digits of a fingerprint in a row: 128 bits of SHA-256. */
const DIGITS = 32;

/** Names a certificate that a device brings. @throws PkiError */
export function certificateFingerprint(pem: string): string {
  return describeCertificate(pem).fingerprint.slice(0, DIGITS);
}

/** Names a public key that a device brings. @throws PkiError */
export function publicKeyFingerprint(pem: string): string {
  return parsePublicKey(pem).fingerprint.slice(0, DIGITS);
}

/** Names what a CSR asks for, by its public key and common name: the same key signed again is the same. @throws PkiError */
export function csrFingerprint(pem: string): string {
  const { subject, publicKeyPem } = parseCsr(pem);
  const named = Buffer.concat([publicKeyFromPem(publicKeyPem), Buffer.from(`\n${subject.commonName ?? ""}`)]);
  return sha256Hex(named).slice(0, DIGITS);
}
