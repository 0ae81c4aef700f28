import { describeCertificate } from "../../../../pki/certificate.js";
import { parseCsr } from "../../../../pki/csr.js";
import { parsePublicKey } from "../../../../pki/keys.js";
import type { RowCredential } from "../../../../reconcile/table/row.js";

/** The part of a credential that a policy checks. */
export interface Brought {
  /** PEM. */
  readonly publicKey: string;
  /** Of a certificate: ISO 8601. */
  readonly validity?: { readonly notBefore: string; readonly notAfter: string };
}

/** Reads what a device brings; `undefined` for what can't be read, which the check of the row refuses. */
export function readBrought(kind: RowCredential["kind"], material: string | undefined): Brought | undefined {
  if (material === undefined) return undefined;
  try {
    switch (kind) {
      case "csr":
        return { publicKey: parseCsr(material).publicKeyPem };
      case "certificate": {
        const { publicKeyPem, notBefore, notAfter } = describeCertificate(material);
        return { publicKey: publicKeyPem, validity: { notBefore, notAfter } };
      }
      case "publicKey":
        return { publicKey: parsePublicKey(material).publicKeyPem };
      case "issue":
      case "existing":
        return undefined;
    }
  } catch {
    return undefined;
  }
}
