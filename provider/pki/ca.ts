import type { KeyObject } from "node:crypto";
import { certificateToPem, parseCertificate, type CertificateDescription } from "./certificate.js";
import * as der from "./der.js";
import { PkiError } from "./errors.js";
import type { KeyUsage } from "./keyUsage.js";
import {
  readBasicConstraints,
  readKeyUsage,
  readSubjectKeyIdentifier,
  writeCaExtensions,
} from "./extensions.js";
import {
  generateKeyPair,
  loadPrivateKey,
  publicKeyFromPem,
  signWithKey,
  toKeyPair,
  type KeyOrigin,
} from "./keys.js";
import { keyIdentifierOf, kindOfKey } from "./p256.js";
import { parseSerialNumber, randomSerialNumber } from "./serialNumber.js";
import { subjectToName, type Subject } from "./subject.js";
import { validityPeriod, type Validity } from "./validity.js";
import { unsignedCertificate, type CertificateFields } from "./x509.js";

/** The certificate of a CA that can sign device certificates. */
export interface CaDescription extends CertificateDescription {
  /** Lower-case hex. Only an existing CA may have none. */
  readonly subjectKeyIdentifier?: string;
  /** The number of CAs that may follow; absent: any number. */
  readonly pathLength?: number;
  /** Only an existing CA may have none, which permits every usage. */
  readonly keyUsage?: readonly KeyUsage[];
}

/** A CA with its key. */
export interface CertificateAuthority extends CaDescription {
  /** PKCS#8, not encrypted. Secret. */
  readonly privateKeyPem: string;
}

/** A CA's certificate and its key, both PEM. */
export interface CaMaterial {
  readonly certificatePem: string;
  /** PKCS#8 or SEC1. Secret. */
  readonly privateKeyPem: string;
  /** The password of an encrypted key, and the key's file. */
  readonly keyOrigin?: KeyOrigin;
}

/** The properties of a new CA. */
export interface CaRequest {
  /** At least one attribute. */
  readonly subject: Subject;
  readonly validity: Validity;
  /** Hex as in `parseSerialNumber`. Default: 16 random bytes. */
  readonly serialNumber?: string;
  /** How many CAs may follow, 0 to 255. Default: `DEFAULT_PATH_LENGTH`. */
  readonly pathLength?: number;
  /** Must include keyCertSign. Default: keyCertSign, cRLSign. */
  readonly keyUsage?: readonly KeyUsage[];
  /** Hex, 1 to 64 bytes. Default: SHA-1 of the public key, as RFC 5280 suggests. */
  readonly subjectKeyIdentifier?: string;
  /** An existing P-256 key, PKCS#8 or SEC1. Default: a new one. */
  readonly privateKeyPem?: string;
}

/** By default, a new CA signs only devices. */
export const DEFAULT_PATH_LENGTH = 0;

export const DEFAULT_KEY_USAGE: readonly KeyUsage[] = ["keyCertSign", "cRLSign"];

/**
 * Creates a self-signed EC P-256 CA: X.509 v3, signed with ES256, with basicConstraints and keyUsage (both critical)
 * and the subject's and authority's key identifiers.
 * @throws PkiError invalid-subject, invalid-serial-number, invalid-validity, invalid-extension, or as `parsePrivateKey`
 */
export function createCa(request: CaRequest): CertificateAuthority {
  const subject = subjectToName(request.subject);
  if (der.children(subject).length === 0) {
    throw new PkiError(
      "invalid-subject",
      "The subject of the CA is empty.",
      "Give at least a commonName: certificates find their CA by its subject.",
    );
  }
  const key = loadPrivateKey(request.privateKeyPem ?? generateKeyPair().privateKeyPem);
  const { privateKeyPem, publicKeyPem } = toKeyPair(key);
  const spki = publicKeyFromPem(publicKeyPem);
  const unsigned = unsignedCertificate({
    serialNumber:
      request.serialNumber === undefined ? randomSerialNumber() : parseSerialNumber(request.serialNumber),
    issuer: subject,
    period: validityPeriod(request.validity),
    subject,
    spki,
    extensions: writeCaExtensions({
      pathLength: request.pathLength ?? DEFAULT_PATH_LENGTH,
      keyUsage: request.keyUsage ?? DEFAULT_KEY_USAGE,
      keyIdentifier: chooseKeyIdentifier(request.subjectKeyIdentifier, spki),
    }),
  });
  const bytes = unsigned.signedWith(signWithKey(key, unsigned.bytes));
  return takeOverCa({ certificatePem: certificateToPem(bytes), privateKeyPem });
}

/**
 * Reads an existing CA, root or intermediate, and checks that it can sign device certificates: its basicConstraints and keyUsage are those
 * of a CA, its key is EC P-256, and the private key belongs to the certificate. Its validity is not checked here; `deviceCa` refuses an
 * expired CA.
 * @throws PkiError not-a-ca, unsupported-key, key-mismatch, several-blocks, malformed-certificate, malformed-pem, or as
 *   `parsePrivateKey`
 */
export function takeOverCa(material: CaMaterial): CertificateAuthority {
  return loadCa(material).authority;
}

/** @internal A CA with its key for node:crypto. Throws like `takeOverCa`. */
export function loadCa(material: CaMaterial): { authority: CertificateAuthority; key: KeyObject } {
  const { description } = readCa(material.certificatePem);
  const key = loadPrivateKey(material.privateKeyPem, material.keyOrigin);
  const { privateKeyPem, publicKeyPem } = toKeyPair(key);
  if (publicKeyPem !== description.publicKeyPem) {
    throw new PkiError(
      "key-mismatch",
      "The private key does not belong to the CA certificate: their public keys differ.",
      "Give the key whose `openssl pkey -pubout` equals `openssl x509 -pubkey -noout` of the certificate.",
    );
  }
  return { authority: { ...description, privateKeyPem }, key };
}

/**
 * Describes the certificate of a CA, and checks that it can sign device certificates. The private key is not needed.
 * @throws PkiError as `takeOverCa`, except for errors of the key
 */
export function describeCa(pem: string): CaDescription {
  return readCa(pem).description;
}

/** @internal The certificate of a CA, with its fields. Throws like `describeCa`. */
export function readCa(pem: string): { description: CaDescription; fields: CertificateFields } {
  const { fields, description } = parseCertificate(
    pem,
    "Give the certificate of the CA that signs the devices, without the rest of its chain.",
  );
  const { pathLength, keyUsage, subjectKeyIdentifier } = requireCa(fields);
  requireP256Ca(description, fields);
  return {
    fields,
    description: {
      ...description,
      ...(subjectKeyIdentifier !== undefined && { subjectKeyIdentifier }),
      ...(pathLength !== undefined && { pathLength }),
      ...(keyUsage && { keyUsage }),
    },
  };
}

/** The fields of a certificate that make it a CA. */
interface CaStatements {
  readonly pathLength: number | undefined;
  readonly keyUsage: KeyUsage[] | undefined;
  readonly subjectKeyIdentifier: string | undefined;
}

function requireCa({ extensions }: CertificateFields): CaStatements {
  const { constraints, ...statements } = der.reading(
    () => ({
      constraints: readBasicConstraints(extensions),
      keyUsage: readKeyUsage(extensions),
      subjectKeyIdentifier: readSubjectKeyIdentifier(extensions),
    }),
    () => notACa("The certificate has an extension that cannot be read."),
  );
  if (!constraints) {
    throw notACa(
      "The certificate is not marked as a CA: it has no basicConstraints extension (as in X.509 version 1). TLS stacks would refuse what it signs.",
    );
  }
  if (!constraints.ca) {
    throw notACa("The certificate is not a CA: its basicConstraints say CA:FALSE.");
  }
  if (statements.keyUsage && !statements.keyUsage.includes("keyCertSign")) {
    throw notACa("The certificate may not sign certificates: its keyUsage lacks keyCertSign.");
  }
  return { ...statements, pathLength: constraints.pathLength };
}

function notACa(problem: string): PkiError {
  return new PkiError(
    "not-a-ca",
    problem,
    "Give a v3 CA certificate with basicConstraints CA:TRUE, or create a new CA.",
  );
}

function requireP256Ca({ isP256 }: CertificateDescription, { spki }: CertificateFields): void {
  if (isP256) return;
  throw new PkiError(
    "unsupported-key",
    `The CA has ${kindOfKey(spki)}, but device certificates are signed with ES256, which needs EC P-256 with its curve named.`,
    "Create a new P-256 CA for new certificates, or sign with the old CA elsewhere and give the signed certificates. Onboarded devices keep theirs.",
  );
}

function chooseKeyIdentifier(given: string | undefined, spki: Buffer): Buffer {
  if (given === undefined) return keyIdentifierOf(spki);
  const hex = given.trim().replaceAll(":", "");
  if (!/^([0-9a-f]{2}){1,64}$/i.test(hex)) {
    throw new PkiError(
      "invalid-extension",
      "The subject key identifier is not 1 to 64 bytes of hexadecimal digits.",
      "Give an even number of hex digits, or leave it out for the SHA-1 of the public key.",
    );
  }
  return Buffer.from(hex, "hex");
}
