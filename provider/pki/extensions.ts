import * as der from "./der.js";
import { PkiError } from "./errors.js";
import { keyUsages, type KeyUsage } from "./keyUsage.js";
import { oids } from "./oids.js";

/** Extension values by object identifier. */
export type Extensions = ReadonlyMap<string, Buffer>;

export interface CaExtensions {
  readonly pathLength: number;
  readonly keyUsage: readonly KeyUsage[];
  /** The subject's and the issuer's, since a root signs itself. */
  readonly keyIdentifier: Buffer;
}

export interface EndEntityExtensions {
  /** Of the certificate's own key. */
  readonly keyIdentifier: Buffer;
  /** Of the CA's key, as the CA's certificate has it. */
  readonly authorityKeyIdentifier: Buffer;
}

/** The extensions of a TLS client by RFC 5280, each as an X.509 Extension. */
export function writeEndEntityExtensions({
  keyIdentifier,
  authorityKeyIdentifier,
}: EndEntityExtensions): der.Node[] {
  return [
    extension(oids.basicConstraints, true, der.sequence()),
    extension(oids.keyUsage, true, writeKeyUsage(["digitalSignature"])),
    extension(oids.extKeyUsage, false, der.sequence(der.oid(oids.clientAuth))),
    extension(oids.subjectKeyIdentifier, false, der.octetString(keyIdentifier)),
    extension(oids.authorityKeyIdentifier, false, der.sequence(der.implicit(0, authorityKeyIdentifier))),
  ];
}

/** The extensions of a root CA, each as an X.509 Extension. */
export function writeCaExtensions({ pathLength, keyUsage, keyIdentifier }: CaExtensions): der.Node[] {
  if (!(Number.isInteger(pathLength) && pathLength >= 0 && pathLength <= 255)) {
    throw new PkiError(
      "invalid-extension",
      `The path length ${pathLength} is not a whole number from 0 to 255.`,
      "Use 0, the default, for a CA that signs devices only.",
    );
  }
  if (!keyUsage.includes("keyCertSign")) {
    throw new PkiError(
      "invalid-extension",
      "The key usage of the CA lacks keyCertSign, so it could not sign certificates.",
      "Add keyCertSign, or leave the key usage out for the default (keyCertSign, cRLSign).",
    );
  }
  const limit = der.integer(pathLength.toString(16).padStart(2, "0"));
  return [
    extension(oids.basicConstraints, true, der.sequence(der.trueValue(), limit)),
    extension(oids.keyUsage, true, writeKeyUsage(keyUsage)),
    extension(oids.subjectKeyIdentifier, false, der.octetString(keyIdentifier)),
    extension(oids.authorityKeyIdentifier, false, der.sequence(der.implicit(0, keyIdentifier))),
  ];
}

/** The basicConstraints of a certificate; undefined without any. */
export function readBasicConstraints(
  extensions: Extensions,
): { ca: boolean; pathLength?: number } | undefined {
  const value = extensions.get(oids.basicConstraints);
  if (!value) return undefined;
  const members = der.children(der.parseDer(value));
  const flag = members.find((member) => der.tagOf(member) === der.tags.boolean);
  const limit = members.find((member) => der.tagOf(member) === der.tags.integer);
  return {
    ca: flag !== undefined && der.content(flag, der.tags.boolean)[0] !== 0,
    ...(limit && { pathLength: Number.parseInt(der.content(limit, der.tags.integer).toString("hex"), 16) }),
  };
}

/** The keyUsage of a certificate; undefined without one. */
export function readKeyUsage(extensions: Extensions): KeyUsage[] | undefined {
  const value = extensions.get(oids.keyUsage);
  if (!value) return undefined;
  const bits = der.content(der.parseDer(value), der.tags.bitString).subarray(1);
  return keyUsages.filter((_, bit) => ((bits[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

/** Lower-case hex; undefined when there is none. */
export function readSubjectKeyIdentifier(extensions: Extensions): string | undefined {
  const value = extensions.get(oids.subjectKeyIdentifier);
  return value && der.content(der.parseDer(value), der.tags.octetString).toString("hex");
}

function extension(id: string, critical: boolean, value: der.Node): der.Node {
  return der.sequence(
    der.oid(id),
    ...(critical ? [der.trueValue()] : []),
    der.octetString(der.encodeDer(value)),
  );
}

/** A named bit list, which in DER must end with the last set bit. */
function writeKeyUsage(usages: readonly KeyUsage[]): der.Node {
  const bits = usages.map((usage) => keyUsages.indexOf(usage));
  const last = Math.max(...bits);
  const bytes = Buffer.alloc((last >> 3) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return der.bitString(bytes, 7 - (last & 7));
}
