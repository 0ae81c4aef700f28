import { createPrivateKey, createECDH } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { PkiError } from "./errors.js";
import { certificatesIn, toPem } from "./pem.js";

/**
 * Packs certificates (PEM, one or several for each id) into one string: an index and all DER, deflated, base64. Certificates of one issuer
 * have most bytes in common. A string that is not PEM is kept unchanged, since it may be the only copy.
 */
export function packCertificates(certificates: ReadonlyMap<string, string>): string {
  if (certificates.size === 0) return "";
  const index: [string, string | readonly number[]][] = [];
  const parts: Buffer[] = [];
  for (const [id, text] of certificates) {
    const ders = dersIn(text);
    index.push([id, ders.length === 0 ? text : ders.map(({ length }) => length)]);
    parts.push(...ders);
  }
  const header = Buffer.from(JSON.stringify(index));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  return deflateRawSync(Buffer.concat([length, header, ...parts])).toString("base64");
}

/** The certificates of such a text, as normalized PEM. @throws PkiError for what `packCertificates` did not make */
export function unpackCertificates(text: string): ReadonlyMap<string, string> {
  if (text === "") return new Map();
  return unpacking("certificates", () => {
    const bytes = inflateRawSync(Buffer.from(text, "base64"));
    const start = 4 + bytes.readUInt32BE(0);
    const index: unknown = JSON.parse(bytes.subarray(4, start).toString());
    const certificates = new Map<string, string>();
    let at = start;
    for (const [id, content] of entriesOf(index)) {
      if (typeof content === "string") {
        certificates.set(id, content);
        continue;
      }
      const pems = content.map((length) => {
        at += length;
        return toPem("CERTIFICATE", bytes.subarray(at - length, at));
      });
      certificates.set(id, pems.join(""));
    }
    if (at !== bytes.length) throw new TypeError("bytes are left");
    return certificates;
  });
}

function* entriesOf(index: unknown): Iterable<readonly [id: string, content: string | readonly number[]]> {
  if (!Array.isArray(index)) throw new TypeError("no index");
  for (const entry of index as unknown[]) {
    if (!Array.isArray(entry)) throw new TypeError("no entry");
    const [id, content] = entry as unknown[];
    if (typeof id !== "string") throw new TypeError("no entry");
    if (typeof content === "string") yield [id, content];
    else if (Array.isArray(content) && content.every(isLength)) yield [id, content];
    else throw new TypeError("no entry");
  }
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function dersIn(text: string): readonly Buffer[] {
  // A fast path for nearly all certificates, with a tenth of the time and memory.
  const der = derOf(text);
  if (toPem("CERTIFICATE", der) === text) return [der];
  try {
    return certificatesIn(text).map(derOf);
  } catch {
    return [];
  }
}

/** Keys by id. A P-256 key is packed as its 32-byte scalar, and converted to PEM when it is read. */
export class PackedKeys {
  constructor(private readonly packed: ReadonlyMap<string, string>) {}

  /** The key as PKCS#8 PEM. Secret. */
  get(id: string): string | undefined {
    const packed = this.packed.get(id);
    return packed === undefined ? undefined : keyPem(packed);
  }

  /** The packed key, without the conversion to PEM, which takes a tenth of a millisecond. Secret. */
  raw(id: string): string | undefined {
    return this.packed.get(id);
  }

  has(id: string): boolean {
    return this.packed.has(id);
  }

  ids(): Iterable<string> {
    return this.packed.keys();
  }
}

const SCALAR = /^[A-Za-z0-9_-]{43}$/;

/** A packed key, or one that is PEM already, as PKCS#8 PEM. Secret. */
export function keyPem(key: string): string {
  return SCALAR.test(key) ? unpacking("keys", () => pemOfScalar(key)) : key;
}

/**
 * Packs private keys (PEM, or packed) into one JSON string, P-256 keys as their 32-byte scalar (base64url). Any other string is kept
 * unchanged, since it may be the only copy. Secret.
 */
export function packKeys(keys: ReadonlyMap<string, string>): string {
  if (keys.size === 0) return "";
  return JSON.stringify(
    Object.fromEntries([...keys].map(([id, key]) => [id, SCALAR.test(key) ? key : (scalarOf(key) ?? key)])),
  );
}

/** The keys of such a text. @throws PkiError for what `packKeys` did not make */
export function unpackKeys(text: string): PackedKeys {
  if (text === "") return new PackedKeys(new Map());
  return unpacking("keys", () => {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
      throw new TypeError("no object");
    const packed = new Map<string, string>();
    for (const [id, value] of Object.entries(parsed)) {
      if (typeof value !== "string") throw new TypeError("no key");
      packed.set(id, value);
    }
    return new PackedKeys(packed);
  });
}

/** PKCS#8 of a P-256 key up to its scalar, between the two, and before its public point (RFC 5915). */
const BEFORE_SCALAR = Buffer.from(
  "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420",
  "hex",
);
const BEFORE_POINT = Buffer.from("a144034200", "hex");

function pemOfScalar(scalar: string): string {
  const bytes = Buffer.from(scalar, "base64url");
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(bytes);
  return toPem("PRIVATE KEY", Buffer.concat([BEFORE_SCALAR, bytes, BEFORE_POINT, ecdh.getPublicKey()]));
}

/** The scalar of a P-256 key, with a fast path for the form of `generateKeyPair`; undefined for anything else. */
function scalarOf(pem: string): string | undefined {
  const der = derOf(pem);
  const end = BEFORE_SCALAR.length + 32;
  const isPlain =
    der.length === end + BEFORE_POINT.length + 65 &&
    der.subarray(0, BEFORE_SCALAR.length).equals(BEFORE_SCALAR) &&
    der.subarray(end, end + BEFORE_POINT.length).equals(BEFORE_POINT);
  return isPlain ? der.subarray(BEFORE_SCALAR.length, end).toString("base64url") : scalarOfOtherForm(pem);
}

function scalarOfOtherForm(pem: string): string | undefined {
  try {
    const key = createPrivateKey(pem);
    const isP256 = key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1";
    return isP256 ? key.export({ format: "jwk" }).d : undefined;
  } catch {
    return undefined;
  }
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64");
}

function unpacking<T>(what: string, unpack: () => T): T {
  try {
    return unpack();
  } catch {
    throw new PkiError(
      "malformed-pack",
      `The ${what} in the state can't be read.`,
      "Restore an earlier state (`pulumi stack export --version`).",
    );
  }
}
