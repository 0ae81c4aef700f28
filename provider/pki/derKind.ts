import * as der from "./der.js";

/** The kinds of DER that users may give. */
export type DerKind =
  "certificate" | "csr" | "publicKey" | "privateKey" | "encryptedPrivateKey" | "pkcs7" | "pkcs12";

const SIGNED_DATA = "1.2.840.113549.1.7.2";
const { sequence: SEQUENCE, integer: INTEGER, octetString: OCTETS, bitString: BITS, oid: OID } = der.tags;

/** The kind of content of BER, by its outermost values only; undefined for anything else. */
export function kindOfDer(bytes: Buffer): DerKind | undefined {
  if (bytes[0] !== 0x30) return undefined;
  try {
    const members = der.children(der.parseBer(bytes));
    return kindOf(members);
  } catch {
    return undefined;
  }
}

function kindOf(members: readonly der.Node[]): DerKind | undefined {
  const [first, second, third] = members.map(der.tagOf);
  if (first === SEQUENCE && second === SEQUENCE && third === BITS) return kindOfSigned(members);
  if (first === SEQUENCE && second === BITS) return "publicKey";
  if (first === SEQUENCE && second === OCTETS) return "encryptedPrivateKey";
  // PKCS#8 names its algorithm second, SEC1 has the key there.
  if (first === INTEGER && second === SEQUENCE && third === OCTETS) return "privateKey";
  if (first === INTEGER && second === OCTETS) return "privateKey";
  if (first === INTEGER && second === SEQUENCE && tagsOf(members[1])[0] === OID) return "pkcs12";
  if (first === OID && der.readOid(members[0]) === SIGNED_DATA) return "pkcs7";
  return undefined;
}

/** A request has version, subject and key; a certificate begins with a tagged version, or without any. */
function kindOfSigned(members: readonly der.Node[]): DerKind {
  const [version, subject, key, attributes] = tagsOf(members[0]);
  const isRequest =
    version === INTEGER && subject === SEQUENCE && key === SEQUENCE && attributes === undefined;
  return isRequest ? "csr" : "certificate";
}

function tagsOf(node: der.Node | undefined): (number | undefined)[] {
  return der.children(node).map(der.tagOf);
}

/** The certificates in a PKCS#7 file, in its order. Throws DerError. */
export function certificatesInPkcs7(bytes: Buffer): Buffer[] {
  const content = der.children(der.parseBer(bytes))[1];
  if (!content) throw new der.DerError("no content");
  const certificates = der.children(der.explicitChild(content)).find((node) => der.hasTag(node, 0));
  return Array.isArray(certificates?.value) ? certificates.value.map(der.encodeDer) : [];
}
