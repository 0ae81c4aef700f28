import { describeCertificate, requireP256Certificate } from "./certificate.js";
import { parseCsr } from "./csr.js";
import { PkiError } from "./errors.js";
import { parsePublicKey } from "./keys.js";
import { outsideOf } from "./validity.js";

/** The kinds of given credentials, each as PEM. */
export type CredentialKind = "certificate" | "csr" | "publicKey";

/**
 * Checks the given credential of a device.
 * @param deviceId without it, the subject is not checked
 * @returns the common name in the credential; `undefined` for none
 * @throws PkiError of the parsers, `unsupported-key`, `wrong-subject` for a certificate of another device, or, where
 *   nothing else is wrong, `ended` for one that has expired
 */
export function requireDeviceCredential(
  kind: CredentialKind,
  pem: string,
  now: Date,
  deviceId?: string,
): string | undefined {
  switch (kind) {
    case "csr":
      return parseCsr(pem).subject.commonName;
    case "publicKey":
      parsePublicKey(pem);
      return undefined;
    case "certificate":
      return requireDeviceCertificate(pem, now, deviceId);
  }
}

function requireDeviceCertificate(pem: string, now: Date, deviceId: string | undefined): string | undefined {
  const certificate = describeCertificate(pem);
  requireP256Certificate(certificate);
  const { subject } = certificate;
  if (deviceId !== undefined && subject.commonName !== deviceId) {
    throw new PkiError(
      "wrong-subject",
      `The certificate names ${quoted(subject.commonName ?? "nobody")}, not ${deviceId}.`,
      "Give the device's own certificate: its common name must be the device id, or MQTT refuses it.",
    );
  }
  const outside = outsideOf(certificate, now);
  if (outside !== undefined) {
    throw new PkiError(
      "ended",
      `The certificate ${outside}, so the device can't connect.`,
      "Give the device another.",
    );
  }
  return subject.commonName;
}

/** A name as a message may show it: a certificate of somebody else can hold anything. */
function quoted(name: string): string {
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(name.slice(0, 64)).replaceAll(/[^ -~]/g, escape);
}
