import { loadCa, type CaMaterial } from "./ca.js";
import { describe, type CertificateDescription } from "./certificate.js";
import { PkiError } from "./errors.js";
import { publicKeyFromPem } from "./keys.js";
import { oids } from "./oids.js";
import { requireP256 } from "./p256.js";
import { parseSerialNumber, randomSerialNumber } from "./serialNumber.js";
import { subjectToName } from "./subject.js";
import { isoSeconds, validityPeriod, type Period, type Validity } from "./validity.js";
import { writeCertificate } from "./x509.js";

/** What a new device certificate shall be. */
export interface DeviceCertificateRequest {
  /** The device id, 1 to 64 characters. Becomes the only attribute of the subject. */
  readonly commonName: string;
  /** EC P-256, from `generateKeyPair` or a parsed CSR. */
  readonly publicKeyPem: string;
  readonly validity: Validity;
  /** Hex as in `parseSerialNumber`. Default: 16 random bytes. */
  readonly serialNumber?: string;
}

/** A signed device certificate. */
export interface DeviceCertificate extends CertificateDescription {
  /** Whether `notAfter` is the CA's, because the validity that was asked for would outlive it. */
  readonly clampedToCa: boolean;
}

/** A CA ready to sign, read once for any number of certificates. */
export interface Signer {
  /**
   * Signs one device certificate: X.509 v3, ES256, the CA's subject copied byte for byte as issuer, and no extensions.
   *
   * No extensions is what Nordic's own tool issues, so clouds and modems are known to take it, and it is the smallest
   * (the modem's TLS buffer is 2 kB, and the text is in the state of every device). It is still a certificate of
   * version 3, which without basicConstraints is no CA to any TLS stack. An authorityKeyIdentifier would only help to
   * choose between two CAs of the same subject.
   *
   * A certificate does not outlive its CA: `notAfter` is the CA's if that is earlier.
   * @throws PkiError ca-expired, invalid-subject, invalid-validity, invalid-serial-number, unsupported-key,
   *   malformed-key, malformed-pem
   */
  sign(request: DeviceCertificateRequest): DeviceCertificate;
}

/**
 * Reads a CA and its key for signing. Make one a CA, not one a certificate: reading costs as much as several signatures.
 * @throws PkiError as `takeOverCa`
 */
export function createSigner(ca: CaMaterial): Signer {
  const { fields, key } = loadCa(ca);
  const caEnd = fields.period.notAfter;
  return {
    sign({ commonName, publicKeyPem, validity, serialNumber }) {
      const asked = validityPeriod(validity);
      const period = withinCa(asked, caEnd, commonName);
      const certificate = {
        serialNumber: serialNumber === undefined ? randomSerialNumber() : parseSerialNumber(serialNumber),
        issuer: fields.subject,
        period,
        subject: subjectToName({ commonName }),
        spki: requireP256(publicKeyFromPem(publicKeyPem), `The public key of ${commonName}`),
        extensions: [],
        signatureAlgorithm: oids.ecdsaWithSha256,
      };
      return {
        ...describe(writeCertificate(certificate, key), certificate, { commonName }),
        clampedToCa: period !== asked,
      };
    },
  };
}

function withinCa(asked: Period, caEnd: Date, commonName: string): Period {
  if (asked.notBefore >= caEnd) {
    throw new PkiError(
      "ca-expired",
      `The CA ended on ${isoSeconds(caEnd)}, before the certificate of ${commonName} would start on ${isoSeconds(asked.notBefore)}.`,
      "Replace the CA by a new one, then sign again.",
    );
  }
  return asked.notAfter > caEnd ? { notBefore: asked.notBefore, notAfter: caEnd } : asked;
}
