import {
  createECDH,
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from "node:crypto";
import { otherContainer, shellWord } from "./container.js";
import { decryptPrivateKey } from "./encryptedKey.js";
import { PkiError } from "./errors.js";
import { requireP256, spkiOfPoint } from "./p256.js";
import { pemBlocks, singlePemBlock, toPem } from "./pem.js";

/** An EC P-256 key pair. Both PEMs are normalized: one block, LF, one final newline. */
export interface KeyPair {
  /** PKCS#8, not encrypted. Secret. */
  readonly privateKeyPem: string;
  /** SubjectPublicKeyInfo, point uncompressed. */
  readonly publicKeyPem: string;
}

/** A checked EC P-256 public key. */
export interface PublicKey {
  /** SubjectPublicKeyInfo, normalized. */
  readonly publicKeyPem: string;
  /** SHA-256 of the DER, 64 lower-case hex digits. */
  readonly fingerprint: string;
}

const MAKE_A_KEY = "Make a P-256 key with `openssl ecparam -name prime256v1 -genkey -noout`.";
const LABEL = "PUBLIC KEY";

export function generateKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return { privateKeyPem: privateKey, publicKeyPem: publicKey };
}

/**
 * Reads a P-256 private key from PKCS#8 or SEC1 PEM and derives its public key. Blocks of other kinds beside it
 * (EC PARAMETERS, a certificate) are ignored.
 * @throws PkiError encrypted-key, unsupported-key, malformed-key, no-private-key, several-private-keys or malformed-pem;
 *   the message never contains any part of the key
 */
export function parsePrivateKey(pem: string): KeyPair {
  return toKeyPair(loadPrivateKey(pem));
}

/**
 * Reads one `PUBLIC KEY` block.
 * @throws PkiError unsupported-key, malformed-key, several-blocks or malformed-pem
 */
export function parsePublicKey(pem: string): PublicKey {
  const spki = requireP256(publicKeyFromPem(pem), "The public key");
  return { publicKeyPem: publicKeyToPem(spki), fingerprint: sha256Hex(spki) };
}

/** @internal The DER of one public key of any kind. */
export function publicKeyFromPem(pem: string): Buffer {
  return singlePemBlock(pem, {
    wanted: "publicKey",
    label: LABEL,
    ifSeveral: "Give the device's own public key alone.",
  });
}

/** @internal A normalized public key's PEM, from its DER. */
export function publicKeyToPem(spki: Buffer): string {
  return toPem(LABEL, spki);
}

/** @internal */
export function sha256Hex(der: Buffer): string {
  return createHash("sha256").update(der).digest("hex");
}

export interface KeyOrigin {
  /** The password of an encrypted key. Secret. */
  readonly password?: string | undefined;
  /** The name of its file, for the commands in errors. */
  readonly file?: string | undefined;
}

/**
 * @internal The key for node:crypto.
 * @throws PkiError like `parsePrivateKey`, wrong-password, too-many-rounds
 */
export function loadPrivateKey(pem: string, { password, file }: KeyOrigin = {}): KeyObject {
  const blocks = pemBlocks(pem, "privateKey", "PRIVATE KEY");
  const [block, ...others] = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  if (!block) {
    throw new PkiError(
      "no-private-key",
      `The private key text holds no private key, only: ${blocks.map(({ label }) => label).join(", ")}.`,
      'Give the text that starts with "-----BEGIN PRIVATE KEY-----" or "-----BEGIN EC PRIVATE KEY-----".',
    );
  }
  if (others.length > 0) {
    throw new PkiError(
      "several-private-keys",
      `The private key text holds ${others.length + 1} private keys.`,
      "Give only the one that belongs to the certificate.",
    );
  }
  if (block.encryptedText !== undefined || block.label === "ENCRYPTED PRIVATE KEY") {
    if (password !== undefined) return requireP256Key(decryptPrivateKey(block, password));
    throw new PkiError(
      "encrypted-key",
      "The private key is encrypted.",
      `Give its \`password\`, or decrypt it with \`openssl pkey -in ${shellWord(file ?? "key.pem")} -out decrypted.pem\`.`,
    );
  }
  switch (block.label) {
    case "PRIVATE KEY":
      return loadPrivateKeyDer(block.der, "pkcs8");
    case "EC PRIVATE KEY":
      return loadPrivateKeyDer(block.der, "sec1");
    default:
      throw (
        otherContainer(pem, "privateKey", file) ??
        new PkiError(
          "unsupported-key",
          `The private key is of the kind "${block.label}", not EC P-256.`,
          MAKE_A_KEY,
        )
      );
  }
}

/** @internal Throws like `parsePrivateKey`. */
export function loadPrivateKeyDer(der: Buffer, type: "pkcs8" | "sec1"): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: der, format: "der", type });
  } catch {
    throw damaged();
  }
  return requireP256Key(key);
}

function requireP256Key(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== "ec") {
    throw new PkiError(
      "unsupported-key",
      `The private key is of type ${(key.asymmetricKeyType ?? "unknown").toUpperCase()}, not EC P-256.`,
      MAKE_A_KEY,
    );
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve !== "prime256v1") {
    throw new PkiError(
      "unsupported-key",
      `The private key is on the curve ${curve ?? "(unnamed)"}, not P-256 (prime256v1).`,
      MAKE_A_KEY,
    );
  }
  return key;
}

/** @internal ECDSA with SHA-256 of these bytes, DER. */
export function signWithKey(key: KeyObject, bytes: Buffer): Buffer {
  return sign("sha256", bytes, { key, dsaEncoding: "der" });
}

/** @internal */
export function toKeyPair(key: KeyObject): KeyPair {
  const { d, x, y } = key.export({ format: "jwk" });
  if (d === undefined || x === undefined || y === undefined) throw damaged();
  // OpenSSL does not verify the public key that is stored with the private one, so it is derived again.
  const point = derivePoint(Buffer.from(d, "base64url"));
  const stored = [x, y].map((coordinate) => Buffer.from(coordinate, "base64url"));
  if (!point.subarray(1).equals(Buffer.concat(stored))) throw damaged();
  return {
    privateKeyPem: createPrivateKey({ key: { kty: "EC", crv: "P-256", d, x, y }, format: "jwk" })
      .export({ type: "pkcs8", format: "pem" })
      .toString(),
    publicKeyPem: publicKeyToPem(spkiOfPoint(point)),
  };
}

function derivePoint(scalar: Buffer): Buffer {
  const ecdh = createECDH("prime256v1");
  try {
    ecdh.setPrivateKey(scalar);
  } catch {
    throw damaged();
  }
  return ecdh.getPublicKey();
}

function damaged(): PkiError {
  return new PkiError(
    "malformed-key",
    "The private key is damaged or not in PKCS#8 or SEC1 form.",
    "Check it with `openssl pkey -noout -check -in key.pem`.",
  );
}
