import { X509Certificate } from "node:crypto";

/** Whether a certificate was signed by the key of a CA (both PEM). What can't be read was not. */
export function isSignedBy(certificate: string, ca: string): boolean {
  try {
    return new X509Certificate(certificate).verify(new X509Certificate(ca).publicKey);
  } catch {
    return false;
  }
}
