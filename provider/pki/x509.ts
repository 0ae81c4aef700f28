import { asn1 } from "node-forge";
import * as der from "./der.js";
import type { Extensions } from "./extensions.js";
import { oids } from "./oids.js";
import { p256Point } from "./p256.js";
import type { Period } from "./validity.js";

/** The parsed fields of a certificate. */
export interface CertificateFields {
  /** Lower-case hex, without leading zero bytes. */
  readonly serialNumber: string;
  /** Object identifier. */
  readonly signatureAlgorithm: string;
  readonly issuer: der.Node;
  readonly period: Period;
  readonly subject: der.Node;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  readonly extensions: Extensions;
}

/** The content of a new certificate. Its signature is ES256. */
export interface NewCertificate {
  /** Lower-case hex, an even number of digits, positive. */
  readonly serialNumber: string;
  readonly issuer: der.Node;
  readonly period: Period;
  readonly subject: der.Node;
  /** Uncompressed P-256 SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  /** Each an X.509 Extension. */
  readonly extensions: readonly der.Node[];
}

const UTC_TIME_ENDS = 2050;

const version3 = der.explicit(0, der.integer("02"));
const es256 = der.sequence(der.oid(oids.ecdsaWithSha256));
const p256Algorithm = der.sequence(der.oid(oids.ecPublicKey), der.oid(oids.prime256v1));

/** Reads a certificate's DER. Throws DerError. */
export function readCertificate(bytes: Buffer): CertificateFields {
  const [tbs, algorithm, signature] = der.children(der.parseDer(bytes));
  der.readBitString(signature);
  const members = der.children(tbs);
  const versioned = members[0] !== undefined && der.hasTag(members[0], 0);
  const [serialNumber, , issuer, validity, subject, spki, ...optional] = members.slice(versioned ? 1 : 0);
  const [notBefore, notAfter] = der.children(validity);
  if (!issuer || !subject || !spki) throw new der.DerError("not a certificate");
  const extensions = optional.find((member) => der.hasTag(member, 3));
  return {
    serialNumber: der
      .content(serialNumber, der.tags.integer)
      .toString("hex")
      .replace(/^(00)+(?=.)/, ""),
    signatureAlgorithm: der.readOid(der.children(algorithm)[0]),
    issuer,
    period: { notBefore: readTime(notBefore), notAfter: readTime(notAfter) },
    subject,
    spki: der.encodeDer(spki),
    extensions: extensions ? readExtensions(der.explicitChild(extensions)) : new Map<string, Buffer>(),
  };
}

/** A certificate without its signature. */
export interface Unsigned<Signed> {
  /** The bytes that the key of the CA must sign. */
  readonly bytes: Buffer;
  /** @param signature ECDSA with SHA-256 of `bytes`, DER */
  signedWith(signature: Buffer): Signed;
}

/** Prepares a new certificate. `signedWith` returns its DER. */
export function unsignedCertificate(certificate: NewCertificate): Unsigned<Buffer> {
  const { serialNumber, issuer, period, subject, spki, extensions } = certificate;
  const tbs = der.sequence(
    version3,
    der.integer(serialNumber),
    es256,
    issuer,
    der.sequence(writeTime(period.notBefore), writeTime(period.notAfter)),
    subject,
    der.sequence(p256Algorithm, der.bitString(p256Point(spki))),
    ...(extensions.length > 0 ? [der.explicit(3, der.sequence(...extensions))] : []),
  );
  return {
    bytes: der.encodeDer(tbs),
    signedWith: (signature) => der.encodeDer(der.sequence(tbs, es256, der.bitString(signature))),
  };
}

function readExtensions(node: der.Node): Extensions {
  return new Map(
    der.children(node).map((extension) => {
      const members = der.children(extension);
      return [der.readOid(members[0]), der.content(members.at(-1), der.tags.octetString)];
    }),
  );
}

function readTime(node: der.Node | undefined): Date {
  const utc = der.tagOf(node) === der.tags.utcTime;
  const text = der.content(node, utc ? der.tags.utcTime : der.tags.generalizedTime).toString("latin1");
  if (!(utc ? /^\d{12}Z$/ : /^\d{14}Z$/).test(text)) throw new der.DerError("not a time");
  return utc ? asn1.utcTimeToDate(text) : asn1.generalizedTimeToDate(text);
}

/** RFC 5280: UTCTime, whose year has two digits, up to 2049, then GeneralizedTime. */
function writeTime(date: Date): der.Node {
  return date.getUTCFullYear() < UTC_TIME_ENDS
    ? der.primitive(der.tags.utcTime, asn1.dateToUtcTime(date))
    : der.primitive(der.tags.generalizedTime, asn1.dateToGeneralizedTime(date));
}
