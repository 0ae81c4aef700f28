import { X509Certificate } from "node:crypto";
import { createCa, type CertificateAuthority } from "../../provider/pki/ca.js";
import { createSigner } from "./deviceSigner.js";
import { generateKeyPair } from "../../provider/pki/keys.js";
import { opensslMakes } from "./openssl.js";

type Pair = readonly [string, string];

/** What a device can bring itself, two of each kind, and the certificate that it had before anybody declared it. */
export interface Credentials {
  readonly certificate: Pair;
  readonly publicKey: Pair;
  readonly before: string;
}

const factory = createCa({
  subject: { commonName: "Factory CA" },
  validity: { notBefore: new Date(), days: 30 },
});

/** Credentials made out to a device. */
export function credentialsFor(deviceId: string): Credentials {
  return {
    certificate: [certificateFor(deviceId), certificateFor(deviceId)],
    publicKey: [generateKeyPair().publicKeyPem, generateKeyPair().publicKeyPem],
    before: certificateFor(deviceId),
  };
}

function certificateFor(deviceId: string): string {
  return createSigner(factory).sign({
    commonName: deviceId,
    publicKeyPem: generateKeyPair().publicKeyPem,
    validity: { notBefore: new Date(), days: 20 },
  }).certificatePem;
}

/** Two requests of two keys. Whose they are is for the CA to say. */
export function csrs(): Pair {
  const make = () =>
    String(
      opensslMakes(
        [
          "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj /CN=device -out device.csr",
        ],
        ["device.csr"],
      )[0],
    );
  return [make(), make()];
}

/** SHA-256 of a certificate, as the emulator prints it. */
export function fingerprintOf(certificate: string): string {
  return new X509Certificate(certificate).fingerprint256.replaceAll(":", "").toLowerCase();
}

/** A CA as the input of a resource that takes it over. */
export function asTakeOver({ certificatePem, privateKeyPem }: CertificateAuthority) {
  return { takeOver: { certificate: certificatePem, privateKey: privateKeyPem } };
}
