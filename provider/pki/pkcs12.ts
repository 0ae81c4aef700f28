import { createHmac, timingSafeEqual } from "node:crypto";
import { certificateToPem, describeCertificate } from "./certificate.js";
import { otherThanPkcs12 } from "./container.js";
import * as der from "./der.js";
import { PkiError } from "./errors.js";
import { loadPrivateKeyDer, toKeyPair } from "./keys.js";
import {
  DecryptionError,
  decryptByPassword,
  formsOf,
  UnknownMethodError,
  type Password,
} from "./passwordEncryption.js";
import { pkcs12Key, type Digest } from "./pkcs12Kdf.js";
import { Rounds } from "./rounds.js";

/** A certificate with its key, and the other certificates in the file. All normalized PEM. */
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
 * @param file its bytes, or their base64
 * @param password undefined for a file without one
 * @throws PkiError wrong-password, malformed-pkcs12, too-many-rounds, no-private-key, several-private-keys, no-certificate,
 *   key-mismatch, or as `parsePrivateKey` for a key of another kind; never with the password or anything of the key in it
 */
export function readPkcs12(file: Uint8Array | string, password: string | undefined): Pkcs12Contents {
  const bytes = typeof file === "string" ? decodeBase64(file) : Buffer.from(file);
  const { keys, certificates: ders } = der.reading(() => open(bytes, password), damaged);
  const { privateKeyPem, publicKeyPem } = toKeyPair(loadPrivateKeyDer(onlyKey(keys), "pkcs8"));
  const certificates = ders.map((certificate) => describeCertificate(certificateToPem(certificate)));
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
  const other = otherThanPkcs12(text);
  if (other) throw other;
  return Buffer.from(text, "base64");
}

/** The object identifiers of RFC 7292 that matter here, by their names there. */
const oids = {
  data: "1.2.840.113549.1.7.1",
  encryptedData: "1.2.840.113549.1.7.6",
  keyBag: "1.2.840.113549.1.12.10.1.1",
  pkcs8ShroudedKeyBag: "1.2.840.113549.1.12.10.1.2",
  certBag: "1.2.840.113549.1.12.10.1.3",
} as const;

const macDigests: ReadonlyMap<string, Digest> = new Map([
  ["1.3.14.3.2.26", "sha1"],
  ["2.16.840.1.101.3.4.2.4", "sha224"],
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
]);

/** The content of a file. Each part is DER. */
interface Parts {
  /** PKCS#8, not encrypted. Secret. */
  readonly keys: readonly Buffer[];
  readonly certificates: readonly Buffer[];
}

function open(bytes: Buffer, password: string | undefined): Parts {
  const [, authSafe, mac] = der.children(der.parseBer(bytes));
  const [type, content] = der.children(authSafe);
  if (der.readOid(type) !== oids.data || !content) throw new der.DerError("signed, not with a password");
  const safes = der.octets(der.explicitChild(content));
  const rounds = new Rounds("The PKCS#12 file");
  try {
    const [form, ...others] = formsOf(password ?? "");
    if (mac === undefined) return firstDecrypted([form, ...others], (each) => partsOf(safes, each, rounds));
    const right = [form, ...others].find((each) => isMac(mac, safes, each, rounds));
    if (right === undefined) throw password === undefined ? noPassword() : wrongPassword();
    return partsOf(safes, right, rounds);
  } catch (error) {
    if (error instanceof UnknownMethodError) throw unsupported();
    if (error instanceof DecryptionError) throw password === undefined ? noPassword() : undecipherable();
    throw error;
  }
}

function firstDecrypted<T>(passwords: readonly Password[], decrypt: (password: Password) => T): T {
  const [password, ...others] = passwords;
  if (password === undefined) throw new DecryptionError();
  try {
    return decrypt(password);
  } catch (error) {
    if (error instanceof DecryptionError && others.length > 0) return firstDecrypted(others, decrypt);
    throw error;
  }
}

function isMac(mac: der.Node, content: Buffer, { pkcs12 }: Password, budget: Rounds): boolean {
  const [info, salt, count] = der.children(mac);
  const [algorithm, value] = der.children(info);
  const digest = macDigests.get(der.readOid(der.children(algorithm)[0]));
  if (digest === undefined) throw new UnknownMethodError();
  const expected = der.octets(value);
  const rounds = count === undefined ? 1 : der.readCount(count);
  budget.spend(rounds);
  const key = pkcs12Key({ digest, password: pkcs12, salt: der.octets(salt), rounds }, "mac", expected.length);
  const actual = createHmac(digest, key).update(content).digest();
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

function partsOf(safes: Buffer, password: Password, rounds: Rounds): Parts {
  const keys: Buffer[] = [];
  const certificates: Buffer[] = [];
  for (const safe of der.children(der.parseBer(safes))) {
    for (const bag of der.children(readSafe(safe, password, rounds))) {
      const [type, wrapped] = der.children(bag);
      if (!wrapped) throw new der.DerError("an empty bag");
      const value = der.explicitChild(wrapped);
      switch (der.readOid(type)) {
        case oids.keyBag:
          keys.push(der.encodeDer(value));
          break;
        case oids.pkcs8ShroudedKeyBag: {
          const [algorithm, encrypted] = der.children(value);
          keys.push(der.encodeDer(decryptedNode(algorithm, der.octets(encrypted), password, rounds)));
          break;
        }
        case oids.certBag: {
          const certificate = der.children(value)[1];
          if (certificate) certificates.push(der.octets(der.explicitChild(certificate)));
          break;
        }
      }
    }
  }
  return { keys, certificates };
}

/** The bags of a safe, which may be encrypted. */
function readSafe(safe: der.Node, password: Password, rounds: Rounds): der.Node {
  const [type, content] = der.children(safe);
  if (!content) throw new der.DerError("an empty safe");
  switch (der.readOid(type)) {
    case oids.data:
      return der.parseBer(der.octets(der.explicitChild(content)));
    case oids.encryptedData: {
      const [, info] = der.children(der.explicitChild(content));
      const [, algorithm, encrypted] = der.children(info);
      return decryptedNode(algorithm, der.octetsWithin(encrypted), password, rounds);
    }
    default:
      throw new UnknownMethodError();
  }
}

function decryptedNode(
  ...[algorithm, encrypted, password, rounds]: Parameters<typeof decryptByPassword>
): der.Node {
  const bytes = decryptByPassword(algorithm, encrypted, password, rounds);
  // One of 256 wrong passwords produces valid padding by chance.
  return der.reading(
    () => der.parseBer(bytes),
    () => new DecryptionError(),
  );
}

function onlyKey(keys: readonly Buffer[]): Buffer {
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
  return key;
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

function noPassword(): PkiError {
  return new PkiError(
    "wrong-password",
    "The PKCS#12 file is protected by a password, and none is given.",
    "Give its `password`.",
  );
}

function wrongPassword(): PkiError {
  return new PkiError(
    "wrong-password",
    "The password of the PKCS#12 file is wrong.",
    "Check it with `openssl pkcs12 -info -noout -in ca.p12`, which asks for it.",
  );
}

function damaged(): PkiError {
  return new PkiError(
    "malformed-pkcs12",
    "The PKCS#12 file is damaged or of another format.",
    "Check it with `openssl pkcs12 -info -noout -in ca.p12`.",
  );
}

function unsupported(): PkiError {
  return new PkiError(
    "malformed-pkcs12",
    "The PKCS#12 file is protected by a method, or has a content, that is not supported.",
    EXPORT_AGAIN,
  );
}

function undecipherable(): PkiError {
  return new PkiError(
    "malformed-pkcs12",
    "The PKCS#12 file cannot be read: it is damaged, or it has no checksum and the password is wrong.",
    EXPORT_AGAIN,
  );
}
