import { X509Certificate } from "node:crypto";
import { certificateToPem } from "./certificate.js";
import { PkiError } from "./errors.js";
import { pemBlocks } from "./pem.js";

/**
 * Sorts the certificates above a CA: its issuer, the issuer of that, and so on.
 *
 * @param ca PEM
 * @param given PEM of some or all of them in any order. If the CA itself is among them, it is left out
 * @returns PEM blocks; an empty string if only the CA itself was given
 * @throws PkiError malformed-certificate, malformed-pem, or broken-chain for a certificate that signed none of the others
 */
export function readChain(ca: string, given: string): string {
  const lowest = parsed(ca);
  const left = pemBlocks(given, "certificate", "CERTIFICATE")
    .filter(({ label }) => label === "CERTIFICATE")
    .map(({ der }) => parsed(der))
    .filter(({ fingerprint256 }) => fingerprint256 !== lowest.fingerprint256);
  const chain: X509Certificate[] = [];
  for (let below = lowest; left.length > 0;) {
    const at = left.findIndex((each) => below.checkIssued(each) && below.verify(each.publicKey));
    const [above] = at < 0 ? [] : left.splice(at, 1);
    if (above === undefined) throw broken(below, left);
    if (!above.ca) throw notCa(above);
    chain.push(above);
    below = above;
  }
  return chain.map(({ raw }) => certificateToPem(raw)).join("");
}

function parsed(certificate: string | Buffer): X509Certificate {
  try {
    return new X509Certificate(certificate);
  } catch {
    throw new PkiError(
      "malformed-certificate",
      "A certificate of the chain is damaged.",
      "Copy its whole file again.",
    );
  }
}

function broken(below: X509Certificate, left: readonly X509Certificate[]): PkiError {
  const names = left.map((each) => nameOf(each)).join(", ");
  return new PkiError(
    "broken-chain",
    `The chain has certificates that did not sign the one below, ${nameOf(below)}: ${names}.`,
    "Give the certificates from the signer of the CA up to the root, and no others.",
  );
}

function notCa(certificate: X509Certificate): PkiError {
  return new PkiError(
    "not-a-ca",
    `The chain has a certificate that is not a CA: ${nameOf(certificate)}.`,
    "Give the certificates from the signer of the CA up to the root, and no others.",
  );
}

/** A name that is safe for a message, since a foreign certificate may contain anything. */
function nameOf({ subject }: X509Certificate): string {
  const text = (subject as string | undefined) ?? "without a name";
  return JSON.stringify(
    text
      .replaceAll("\n", ", ")
      .slice(0, 80)
      .replaceAll(/[^ -~]/g, "?"),
  );
}
