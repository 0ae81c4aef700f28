import { ExpectedError } from "../engine/errors.js";
import { describeCertificate } from "../pki/certificate.js";
import { parsePublicKey } from "../pki/keys.js";
import type { Credential } from "./deviceInputs.js";
import { issue } from "./issue.js";

/** A credential ready to be registered, and what of it is kept in state. */
export interface MadeCredential {
  /** One certificate or public key (PEM); `undefined` where the device keeps what it has. */
  readonly pem: string | undefined;
  /** Fingerprint of the certificate or public key, by which a later run recognises it. */
  readonly mark: string;
  /** Only what was issued here is kept: what the user brought, the user has. */
  readonly kept: {
    readonly certificate?: string;
    readonly privateKey?: string | undefined;
    readonly validUntil?: string;
  };
}

/**
 * Makes the credential that a device is declared to have.
 * @param keptKey private key of the device that is to be certified again, where there is one
 */
export function makeCredential(credential: Credential, deviceId: string, keptKey?: string): MadeCredential {
  switch (credential.kind) {
    case "issue": {
      const { ca } = credential.order;
      if (ca === undefined) throw new ExpectedError(`The CA of device ${deviceId} is not known.`);
      const { certificate, privateKey, validUntil, fingerprint } = issue(
        { ...credential.order, ca },
        deviceId,
        keptKey,
      );
      return { pem: certificate, mark: fingerprint, kept: { certificate, privateKey, validUntil } };
    }
    case "certificate": {
      const { certificatePem, fingerprint, notAfter } = describeCertificate(known(credential.pem, deviceId));
      return { pem: certificatePem, mark: fingerprint, kept: { validUntil: notAfter } };
    }
    case "publicKey": {
      const { publicKeyPem, fingerprint } = parsePublicKey(known(credential.pem, deviceId));
      return { pem: publicKeyPem, mark: fingerprint, kept: {} };
    }
    case "existing":
      return { pem: undefined, mark: "", kept: {} };
    case "unknown":
      throw new ExpectedError(`The credential of device ${deviceId} is not known.`);
  }
}

/** A certificate that the state has already, to be registered once more. */
export function keptCertificate(certificate: string): MadeCredential {
  const { certificatePem, fingerprint } = describeCertificate(certificate);
  return { pem: certificatePem, mark: fingerprint, kept: {} };
}

function known(pem: string | undefined, deviceId: string): string {
  if (pem !== undefined) return pem;
  throw new ExpectedError(`The credential of device ${deviceId} is not known.`);
}
