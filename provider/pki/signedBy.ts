import { X509Certificate } from "node:crypto";

/** Whether the key of a CA signed a certificate (both PEM); false for an unreadable one. */
export function isSignedBy(certificate: string, ca: string): boolean {
  try {
    return new X509Certificate(certificate).verify(new X509Certificate(ca).publicKey);
  } catch {
    return false;
  }
}
