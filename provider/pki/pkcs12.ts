import { asn1, pkcs12, pki, util } from "node-forge";
import { certificateToPem, describeCertificate } from "./certificate.js";
import { encodeDer } from "./der.js";
import { PkiError } from "./errors.js";
import { loadPrivateKeyDer, toKeyPair, type KeyPair } from "./keys.js";

/** A certificate with its key, and what else the file holds. All PEM, normalised. */
export interface Pkcs12Contents {
  /** The certificate whose key is in the file. */
  readonly certificatePem: string;
  /** PKCS#8, not encrypted. Secret. */
  readonly privateKeyPem: string;
  /** The other certificates, in the file's order. */
  readonly chainPem: readonly string[];
}

const EXPORT_AGAIN =
  "Export it again with OpenSSL 3: `openssl pkcs12 -export -inkey key.pem -in cert.pem -out ca.p12`.";

/**
 * Reads a PKCS#12 file (.p12, .pfx) that holds one EC P-256 key and its certificate.
 * @param file its bytes, or their base64 text
 * @throws PkiError wrong-password, malformed-pkcs12, no-private-key, several-private-keys, no-certificate, key-mismatch,
 *   or as `parsePrivateKey` for a key of another kind; never with the password or anything of the key in it
 */
export function readPkcs12(file: Uint8Array | string, password: string): Pkcs12Contents {
  const { safeContents } = open(typeof file === "string" ? decodeBase64(file) : Buffer.from(file), password);
  const bags = safeContents.flatMap(({ safeBags }) => safeBags);
  const { privateKeyPem, publicKeyPem } = onlyKey(bags);
  const certificates = bags.filter(({ type }) => type === pki.oids.certBag).map(certificateOf);
  const own = certificates.findIndex((certificate) => certificate.publicKeyPem === publicKeyPem);
  const certificate = certificates[own];
  if (!certificate) throw withoutCertificate(certificates.length);
  return {
    certificatePem: certificate.certificatePem,
    privateKeyPem,
    chainPem: certificates.filter((_, index) => index !== own).map(({ certificatePem }) => certificatePem),
  };
}

function decodeBase64(text: string): Buffer {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text.replace(/\s+/g, ""))) {
    throw new PkiError(
      "malformed-pkcs12",
      text.includes("-----BEGIN") ? "The PKCS#12 text is PEM." : "The PKCS#12 text is not base64.",
      "Give the base64 of the .p12 file (`base64 -w0 ca.p12`), or give PEM as certificate and private key.",
    );
  }
  return Buffer.from(text, "base64");
}

function open(bytes: Buffer, password: string): pkcs12.Pkcs12Pfx {
  const pfx = parsePfx(bytes);
  try {
    return pkcs12.pkcs12FromAsn1(pfx, password);
  } catch (error) {
    if (messageOf(error).includes("MAC could not be verified")) throw wrongPassword();
    // forge gives PBES2 the password's characters where it takes UTF-8 bytes. The MAC, which takes characters, was
    // right by now; so it is left out of the second reading.
    if (!isAscii(password)) {
      try {
        return pkcs12.pkcs12FromAsn1(withoutMac(parsePfx(bytes)), util.encodeUtf8(password));
      } catch {
        // The first error says more.
      }
    }
    throw unreadable(messageOf(error));
  }
}

/** Not `parseDer`: PKCS#12 may be BER, and some programs write it so. */
function parsePfx(bytes: Buffer): asn1.Asn1 {
  try {
    return asn1.fromDer(bytes.toString("latin1"));
  } catch {
    throw new PkiError(
      "malformed-pkcs12",
      "The PKCS#12 file is damaged or of another format.",
      "Check it with `openssl pkcs12 -info -noout -in ca.p12`.",
    );
  }
}

function withoutMac(pfx: asn1.Asn1): asn1.Asn1 {
  return Array.isArray(pfx.value) ? { ...pfx, value: pfx.value.slice(0, 2) } : pfx;
}

function onlyKey(bags: readonly pkcs12.Bag[]): KeyPair {
  const keys = bags.filter(({ type }) => type === pki.oids.pkcs8ShroudedKeyBag || type === pki.oids.keyBag);
  const [key, ...others] = keys;
  if (!key) {
    throw new PkiError(
      "no-private-key",
      "The PKCS#12 file holds no private key.",
      "Export it again with the key (`openssl pkcs12 -export -inkey key.pem …`, without -nokeys).",
    );
  }
  if (others.length > 0) {
    throw new PkiError(
      "several-private-keys",
      `The PKCS#12 file holds ${keys.length} private keys, so it is not clear which one signs.`,
      "Export only the CA's key and certificate.",
    );
  }
  if (key.key) {
    // forge understands RSA alone; an EC key comes as its ASN.1.
    throw new PkiError(
      "unsupported-key",
      "The private key in the PKCS#12 file is RSA, not EC P-256.",
      "Device certificates are signed with ES256: create a new P-256 CA.",
    );
  }
  return toKeyPair(loadPrivateKeyDer(encodeDer(key.asn1), "pkcs8"));
}

function certificateOf(bag: pkcs12.Bag): ReturnType<typeof describeCertificate> {
  return describeCertificate(
    certificateToPem(encodeDer(bag.cert ? pki.certificateToAsn1(bag.cert) : bag.asn1)),
  );
}

function withoutCertificate(count: number): PkiError {
  return count === 0
    ? new PkiError("no-certificate", "The PKCS#12 file holds a key but no certificate.", EXPORT_AGAIN)
    : new PkiError(
        "key-mismatch",
        "No certificate in the PKCS#12 file belongs to its private key.",
        "Export the key together with its own certificate.",
      );
}

function wrongPassword(): PkiError {
  return new PkiError(
    "wrong-password",
    "The password of the PKCS#12 file is wrong.",
    "Check it with `openssl pkcs12 -info -noout -in ca.p12`, which asks for it.",
  );
}

function unreadable(reason: string): PkiError {
  if (/unsupported|unknown/i.test(reason)) {
    return new PkiError(
      "malformed-pkcs12",
      "The PKCS#12 file is protected by a method, or has a content, that is not supported.",
      EXPORT_AGAIN,
    );
  }
  return new PkiError(
    "malformed-pkcs12",
    "The PKCS#12 file cannot be read: it is damaged, or it has no checksum and the password is wrong.",
    EXPORT_AGAIN,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
