import { readCa } from "./ca.js";
import { describe, type CertificateDescription } from "./certificate.js";
import { PkiError } from "./errors.js";
import { writeEndEntityExtensions } from "./extensions.js";
import { publicKeyFromPem } from "./keys.js";
import { oids } from "./oids.js";
import { keyIdentifierOf, requireP256 } from "./p256.js";
import { parseSerialNumber, randomSerialNumber } from "./serialNumber.js";
import type { Signer } from "./signer.js";
import { subjectToName } from "./subject.js";
import { isoSeconds, validityPeriod, type Period, type Validity } from "./validity.js";
import { unsignedCertificate, type Unsigned } from "./x509.js";
import { type CertificateProfile, DEFAULT_PROFILE } from "./profile.js";

/** The properties of a new device certificate. */
export interface DeviceCertificateRequest {
  /** The device id, 1 to 64 characters. Becomes the only attribute of the subject. */
  readonly commonName: string;
  /** EC P-256, from `generateKeyPair` or a parsed CSR. */
  readonly publicKeyPem: string;
  readonly validity: Validity;
  /** Default: `DEFAULT_PROFILE`. */
  readonly profile?: CertificateProfile;
  /** Hex as in `parseSerialNumber`. Default: 16 random bytes. */
  readonly serialNumber?: string;
}

/** A signed device certificate. */
export interface DeviceCertificate extends CertificateDescription {
  /** Whether `notAfter` is the CA's, because the requested validity is longer than the CA's. */
  readonly clampedToCa: boolean;
}

/** The parsed certificate of a CA, for any number of device certificates. Its key is not needed here. */
export interface DeviceCa {
  /**
   * Prepares a device certificate without its signature: X.509 v3, ES256, the CA's subject copied byte for byte as issuer, with the
   * extensions of its profile.
   *
   * A certificate does not outlive its CA: `notAfter` is the CA's if that is earlier.
   * @throws PkiError ca-expired, invalid-subject, invalid-validity, invalid-serial-number, unsupported-key,
   *   malformed-key, malformed-pem
   */
  prepare(request: DeviceCertificateRequest): Unsigned<DeviceCertificate>;
}

/**
 * Parses the certificate of a CA. Create one for each CA, not for each certificate: parsing costs as much as several signatures.
 * @throws PkiError as `describeCa`
 */
export function deviceCa(certificatePem: string): DeviceCa {
  const { description, fields } = readCa(certificatePem);
  const authorityKeyIdentifier =
    description.subjectKeyIdentifier === undefined
      ? keyIdentifierOf(publicKeyFromPem(description.publicKeyPem))
      : Buffer.from(description.subjectKeyIdentifier, "hex");
  const caEnd = fields.period.notAfter;
  return {
    prepare({ commonName, publicKeyPem, validity, serialNumber, profile = DEFAULT_PROFILE }) {
      const asked = validityPeriod(validity);
      const period = withinCa(asked, caEnd, commonName);
      const spki = requireP256(publicKeyFromPem(publicKeyPem), `The public key of ${commonName}`);
      const certificate = {
        serialNumber: serialNumber === undefined ? randomSerialNumber() : parseSerialNumber(serialNumber),
        issuer: fields.subject,
        period,
        subject: subjectToName({ commonName }),
        spki,
        extensions:
          profile === "bare"
            ? []
            : writeEndEntityExtensions({ keyIdentifier: keyIdentifierOf(spki), authorityKeyIdentifier }),
        signatureAlgorithm: oids.ecdsaWithSha256,
      };
      const unsigned = unsignedCertificate(certificate);
      return {
        bytes: unsigned.bytes,
        signedWith: (signature) => ({
          ...describe(unsigned.signedWith(signature), certificate, { commonName }),
          clampedToCa: period !== asked,
        }),
      };
    },
  };
}

/** Issues one device certificate. Throws like `prepare`, and what the signer throws. */
export type Certify = (request: DeviceCertificateRequest) => Promise<DeviceCertificate>;

/** Issues certificates of a CA with a signer. @throws PkiError as `describeCa` */
export function certifier(certificatePem: string, signer: Signer): Certify {
  const ca = deviceCa(certificatePem);
  return async (request) => {
    const unsigned = ca.prepare(request);
    return unsigned.signedWith(await signer.sign(unsigned.bytes));
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
