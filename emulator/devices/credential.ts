import { createPublicKey, X509Certificate, type KeyObject } from "node:crypto";
import type { Settings } from "../settings.js";
import type { Certificate } from "../store/credentialRegister.js";
import { isSignedWithEcdsaSha256 } from "./signatureAlgorithm.js";

/** The credential of a device, from an upload. */
export interface Credential {
  /** Undefined if only a public key was uploaded: a device that can use REST with JWTs but not MQTT. */
  readonly certificate: Certificate | undefined;
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly publicKey: string;
}

export type CredentialReading =
  | { readonly valid: true; readonly credential: Credential }
  | { readonly valid: false; readonly problem: string };

/** Reads a PEM certificate or public key and checks that it is ES256 and, for a certificate, made for this device. */
export function readCredential(
  pem: string,
  deviceId: string,
  rules: Pick<Settings, "strictCn" | "strictSignature">,
): CredentialReading {
  return pem.startsWith("-----BEGIN CERTIFICATE-----")
    ? readCertificate(pem, deviceId, rules)
    : readPublicKey(pem);
}

function readCertificate(
  pem: string,
  deviceId: string,
  rules: Pick<Settings, "strictCn" | "strictSignature">,
): CredentialReading {
  let x509: X509Certificate;
  let certificate: Certificate;
  try {
    x509 = new X509Certificate(pem);
    certificate = certificateOf(x509);
  } catch {
    return refused("The device certificate cannot be parsed as X.509.");
  }
  if (!isP256(x509.publicKey)) {
    return refused("The device certificate must be ES256, but its key is not an elliptic-curve P-256 key.");
  }
  if (rules.strictSignature && !isSignedWithEcdsaSha256(x509.raw)) {
    return refused("The device certificate must be ES256, but it is not signed by ECDSA with SHA-256.");
  }
  if (rules.strictCn && certificate.commonName !== deviceId) {
    return refused(
      `The device certificate was made for common name ${JSON.stringify(certificate.commonName ?? "")}, ` +
        `not for device id ${JSON.stringify(deviceId)}.`,
    );
  }
  return { valid: true, credential: { certificate, publicKey: certificate.publicKey } };
}

/** The properties of a certificate that the cloud needs. Throws if OpenSSL does not know the kind of its key. */
export const certificateOf = (x509: X509Certificate): Certificate => ({
  fingerprint: x509.fingerprint256.replaceAll(":", "").toLowerCase(),
  commonName: commonName(x509.subject),
  issuer: x509.issuer,
  notBefore: new Date(x509.validFrom).toISOString(),
  notAfter: new Date(x509.validTo).toISOString(),
  publicKey: spki(x509.publicKey),
});

function readPublicKey(pem: string): CredentialReading {
  let publicKey: KeyObject;
  try {
    publicKey = createPublicKey(pem);
  } catch {
    return refused("The public key cannot be parsed.");
  }
  if (!isP256(publicKey)) {
    return refused("The public key must be ES256, but it is not an elliptic-curve P-256 key.");
  }
  return { valid: true, credential: { certificate: undefined, publicKey: spki(publicKey) } };
}

const refused = (problem: string): CredentialReading => ({ valid: false, problem });

const isP256 = (key: KeyObject) =>
  key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1";

const spki = (key: KeyObject) => key.export({ type: "spki", format: "der" }).toString("base64");

/** The common name in a subject as node:crypto prints it: one attribute a line. */
const commonName = (subject: string) =>
  subject
    .split("\n")
    .find((line) => line.startsWith("CN="))
    ?.slice("CN=".length);
