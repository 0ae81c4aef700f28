import { ExpectedError } from "../engine/errors.js";
import { describeCertificate } from "../pki/certificate.js";
import { createSigner, type Signer } from "../pki/deviceCertificate.js";

interface SigningCa {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const authorities = new Map<string, SigningCa>();
const ends = new Map<string, Date>();
const signers = new Map<string, Signer>();

/**
 * Makes a CA available to the resources of this process that it is to sign for. The engine hands a CA's state to its
 * own `create`, `update` or `diff` before it turns to any resource that depends on it, so the key need not be an
 * input of ten thousand devices: it stays in one place in the state and in this process.
 */
export function offerCa(fingerprint: string, ca: SigningCa): void {
  authorities.set(fingerprint, ca);
}

/** The last second of the CA with this fingerprint; `undefined` when it was not part of this operation. */
export function endOfCa(fingerprint: string): Date | undefined {
  const known = ends.get(fingerprint);
  if (known !== undefined) return known;
  const ca = authorities.get(fingerprint);
  if (ca === undefined) return undefined;
  const end = new Date(describeCertificate(ca.certificatePem).notAfter);
  ends.set(fingerprint, end);
  return end;
}

/**
 * The signer of the CA with this fingerprint.
 * @throws ExpectedError when the CA was not part of this operation, as with `--target` on a device alone
 */
export function signerOf(fingerprint: string): Signer {
  const known = signers.get(fingerprint);
  if (known !== undefined) return known;
  const ca = authorities.get(fingerprint);
  if (ca === undefined) {
    throw new ExpectedError(
      `The CA ${fingerprint} that is to sign was not part of this operation, so its key is not at hand. ` +
        "Its id must come from a CaCertificate of the same program; with --target, name the CaCertificate as a target too.",
    );
  }
  const signer = createSigner(ca);
  signers.set(fingerprint, signer);
  return signer;
}
