import * as der from "./der.js";
import { PkiError } from "./errors.js";
import { publicKeyFromPem, publicKeyToPem, sha256Hex } from "./keys.js";
import { oids } from "./oids.js";
import { notP256, p256Spki } from "./p256.js";
import { singlePemBlock, toPem } from "./pem.js";
import { subjectFromName, type Subject } from "./subject.js";
import { isoSeconds } from "./validity.js";
import { readCertificate, type CertificateFields } from "./x509.js";

export interface CertificateDescription {
  /** Normalized: one block, LF, one final newline, nothing around it. */
  readonly certificatePem: string;
  /** SubjectPublicKeyInfo, normalized. */
  readonly publicKeyPem: string;
  /** SHA-256 of the DER, 64 lower-case hex digits. */
  readonly fingerprint: string;
  /** Lower-case hex, without leading zero bytes. */
  readonly serialNumber: string;
  readonly subject: Subject;
  /** First second, ISO 8601 in UTC, such as 2026-11-23T14:36:00Z. */
  readonly notBefore: string;
  /** Last second, like `notBefore`. */
  readonly notAfter: string;
  /** Whether the key is EC P-256. */
  readonly isP256: boolean;
  /** Whether it was signed with ECDSA and SHA-256. (Only the signer's certificate has the curve.) */
  readonly isEs256: boolean;
}

const LABEL = "CERTIFICATE";
const ONE_A_DEVICE =
  "nRF Cloud takes one certificate a device, not a bundle or chain: keep the device's own (usually the first) alone.";

/**
 * Normalizes the PEM of exactly one certificate for nRF Cloud: LF, one final newline.
 * @throws PkiError several-blocks for a bundle, malformed-pem or malformed-certificate
 */
export function normalizePem(pem: string): string {
  return describeCertificate(pem).certificatePem;
}

/**
 * Describes exactly one certificate of any key type.
 * @throws PkiError several-blocks for a bundle, malformed-pem or malformed-certificate
 */
export function describeCertificate(pem: string): CertificateDescription {
  return parseCertificate(pem).description;
}

/**
 * Refuses a certificate whose key is not EC P-256, so that its device could not sign ES256 tokens.
 * @throws PkiError unsupported-key
 */
export function requireP256Certificate(certificate: CertificateDescription): void {
  if (!certificate.isP256) throw notP256(publicKeyFromPem(certificate.publicKeyPem), "The certificate");
}

/** @internal The description of a certificate, and its fields. */
export function parseCertificate(
  pem: string,
  ifSeveral = ONE_A_DEVICE,
): { fields: CertificateFields; description: CertificateDescription } {
  const bytes = singlePemBlock(pem, { wanted: "certificate", label: LABEL, ifSeveral });
  return der.reading(() => {
    const fields = readCertificate(bytes);
    return { fields, description: describe(bytes, fields, subjectFromName(fields.subject)) };
  }, malformed);
}

/** @internal A certificate's PEM, from its DER. */
export function certificateToPem(bytes: Buffer): string {
  return toPem(LABEL, bytes);
}

/** @internal Describes a certificate that was parsed or created already. */
export function describe(
  bytes: Buffer,
  fields: Pick<CertificateFields, "serialNumber" | "signatureAlgorithm" | "period" | "spki">,
  subject: Subject,
): CertificateDescription {
  const spki = p256Spki(fields.spki);
  return {
    certificatePem: certificateToPem(bytes),
    publicKeyPem: publicKeyToPem(spki ?? fields.spki),
    fingerprint: sha256Hex(bytes),
    serialNumber: fields.serialNumber,
    subject,
    notBefore: isoSeconds(fields.period.notBefore),
    notAfter: isoSeconds(fields.period.notAfter),
    isP256: spki !== undefined,
    isEs256: fields.signatureAlgorithm === oids.ecdsaWithSha256,
  };
}

function malformed(): PkiError {
  return new PkiError(
    "malformed-certificate",
    "The certificate is damaged: its content is not a DER-encoded X.509 certificate.",
    "Check it with `openssl x509 -noout -text -in cert.pem` and copy the whole file again.",
  );
}
