import { asn1 } from "node-forge";

declare module "node-forge" {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- merges with the namespace of @types/node-forge
  namespace asn1 {
    // Missing in @types/node-forge.
    function fromDer(bytes: Bytes, options: { readonly decodeBitStrings: boolean }): Asn1;
    function create(tagClass: Class, tag: number, constructed: boolean, value: Bytes | Asn1[]): Asn1;
  }
}

/** One ASN.1 value. */
export type Node = asn1.Asn1;

/** Bytes do not have the expected structure. Readers convert it to a PkiError, so it never leaves this folder. */
export class DerError extends Error {}

/** Universal tag numbers. */
export const tags = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  null: 5,
  oid: 6,
  utf8String: 12,
  sequence: 16,
  set: 17,
  printableString: 19,
  teletexString: 20,
  ia5String: 22,
  utcTime: 23,
  generalizedTime: 24,
  universalString: 28,
  bmpString: 30,
} as const;

const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class;

/**
 * Reads strict DER. Signatures are checked over re-encoded parts and issuer names are copied, so anything that
 * would not come out byte for byte as it went in is refused.
 */
export function parseDer(bytes: Buffer): Node {
  const text = bytes.toString("latin1");
  let node: Node;
  try {
    node = asn1.fromDer(text, { decodeBitStrings: false });
  } catch {
    throw new DerError("not DER");
  }
  if (asn1.toDer(node).data !== text) throw new DerError("not DER");
  return node;
}

/** Reads BER, which may write one value in several ways: PKCS#12 and PKCS#7 are allowed to be BER. */
export function parseBer(bytes: Buffer): Node {
  try {
    return asn1.fromDer(bytes.toString("latin1"), { decodeBitStrings: false });
  } catch {
    throw new DerError("not BER");
  }
}

/** Runs a reader of nodes, and replaces a DerError by an error for users. */
export function reading<T>(read: () => T, malformed: () => Error): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof DerError ? malformed() : error;
  }
}

export function encodeDer(node: Node): Buffer {
  return Buffer.from(asn1.toDer(node).data, "latin1");
}

export const sequence = (...children: Node[]): Node => asn1.create(UNIVERSAL, tags.sequence, true, children);
export const set = (...children: Node[]): Node => asn1.create(UNIVERSAL, tags.set, true, children);
export const oid = (dotted: string): Node => primitive(tags.oid, asn1.oidToDer(dotted).data);
export const trueValue = (): Node => primitive(tags.boolean, "\xff");
export const octetString = (content: Buffer): Node => primitive(tags.octetString, content.toString("latin1"));
/** Context tag around a value, `[tag] EXPLICIT`. */
export const explicit = (tag: number, child: Node): Node => asn1.create(CONTEXT_SPECIFIC, tag, true, [child]);
/** Context tag instead of a primitive value's own, `[tag] IMPLICIT`. */
export const implicit = (tag: number, content: Buffer): Node =>
  asn1.create(CONTEXT_SPECIFIC, tag, false, content.toString("latin1"));

/** @param hex a positive number, even number of digits */
export function integer(hex: string): Node {
  const magnitude = Buffer.from(hex, "hex").toString("latin1");
  return primitive(tags.integer, magnitude.charCodeAt(0) > 0x7f ? `\0${magnitude}` : magnitude);
}

export function bitString(content: Buffer, unusedBits = 0): Node {
  return primitive(tags.bitString, String.fromCharCode(unusedBits) + content.toString("latin1"));
}

export function primitive(tag: number, binary: string): Node {
  return asn1.create(UNIVERSAL, tag, false, binary);
}

/** The universal tag number; undefined for a context tag, or nothing. */
export function tagOf(node: Node | undefined): number | undefined {
  return node?.tagClass === UNIVERSAL ? node.type : undefined;
}

/** The members of a SEQUENCE, or of a SET. */
export function children(node: Node | undefined, tag: number = tags.sequence): Node[] {
  if (tagOf(node) !== tag || !Array.isArray(node?.value))
    throw new DerError("not the expected constructed type");
  return node.value;
}

/** The raw content of a primitive value. */
export function content(node: Node | undefined, tag: number): Buffer {
  if (tagOf(node) !== tag || typeof node?.value !== "string")
    throw new DerError("not the expected primitive type");
  return Buffer.from(node.value, "latin1");
}

/** An OCTET STRING's bytes, which BER may split into parts. */
export function octets(node: Node | undefined): Buffer {
  if (tagOf(node) !== tags.octetString) throw new DerError("not an octet string");
  return octetsWithin(node);
}

/** As `octets`, for a value with `[tag] IMPLICIT`. */
export function octetsWithin(node: Node | undefined): Buffer {
  if (typeof node?.value === "string") return Buffer.from(node.value, "latin1");
  return Buffer.concat((node?.value ?? []).map(octets));
}

/** A count of at least one. Very large numbers are approximated. */
export function readCount(node: Node | undefined): number {
  const bytes = content(node, tags.integer);
  const count = Number(`0x${bytes.toString("hex")}`);
  if (bytes.readInt8(0) < 0 || !(count >= 1)) throw new DerError("not a count");
  return count;
}

/** Dotted; for an identifier with numbers too large for forge, a string that equals no dotted one. */
export function readOid(node: Node | undefined): string {
  const bytes = content(node, tags.oid);
  try {
    return asn1.derToOid(bytes.toString("latin1"));
  } catch {
    return `0x${bytes.toString("hex")}`;
  }
}

/** The bytes of a BIT STRING that fills whole bytes, such as keys and signatures. */
export function readBitString(node: Node | undefined): Buffer {
  const bytes = content(node, tags.bitString);
  if (bytes[0] !== 0) throw new DerError("a bit string with unused bits");
  return bytes.subarray(1);
}

/** Whether `node` carries the context tag `[tag]`. */
export function hasTag(node: Node, tag: number): boolean {
  const actual: number = node.type;
  return node.tagClass === CONTEXT_SPECIFIC && actual === tag;
}

/** The value inside `[tag] EXPLICIT`. */
export function explicitChild(node: Node): Node {
  const child = Array.isArray(node.value) ? node.value[0] : undefined;
  if (!child) throw new DerError("an empty context tag");
  return child;
}
