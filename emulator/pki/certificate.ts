import { createHash, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import {
  bits,
  identifier,
  integer,
  octets,
  pem,
  primitive,
  sequence,
  set,
  tagged,
  time,
  utf8,
  yes,
} from "./der.js";

/** Who a certificate is for, or by. */
export interface Name {
  readonly organization: string;
  readonly commonName: string;
}

/** A CA that can sign. */
export interface Signer {
  readonly name: Name;
  readonly publicKey: KeyObject;
  /** An elliptic-curve P-256 key. */
  readonly privateKey: KeyObject;
}

/** What a certificate is good for. */
export type Purpose =
  | { readonly kind: "authority" }
  | { readonly kind: "device" }
  /** Host names and IP addresses. */
  | { readonly kind: "server"; readonly hosts: readonly string[] };

/** Contents of object identifiers in hexadecimal. */
const oid = {
  organization: "55040a",
  commonName: "550403",
  ecdsaWithSha256: "2a8648ce3d040302",
  subjectKeyIdentifier: "551d0e",
  keyUsage: "551d0f",
  subjectAltName: "551d11",
  basicConstraints: "551d13",
  authorityKeyIdentifier: "551d23",
  extendedKeyUsage: "551d25",
  serverAuth: "2b06010505070301",
  clientAuth: "2b06010505070302",
};

const version3 = Buffer.from([2]);
const oneDay = 24 * 3600 * 1000;
/** Devices have clocks that are a little slow. */
const backdatedByMs = oneDay;

/** An X.509 certificate in PEM, signed by ECDSA with SHA-256. */
export function certify(
  issuer: Signer,
  subject: { readonly name: Name; readonly publicKey: KeyObject },
  purpose: Purpose,
  validDays: number,
): string {
  const algorithm = sequence(identifier(oid.ecdsaWithSha256));
  const now = Date.now();
  const content = sequence(
    tagged(0, integer(version3)),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer.name),
    sequence(time(new Date(now - backdatedByMs)), time(new Date(now + validDays * oneDay))),
    distinguishedName(subject.name),
    spki(subject.publicKey),
    tagged(3, sequence(...extensions(purpose, subject.publicKey, issuer.publicKey))),
  );
  return pem("CERTIFICATE", sequence(content, algorithm, bits(sign("sha256", content, issuer.privateKey))));
}

const distinguishedName = ({ organization, commonName }: Name) =>
  sequence(attribute(oid.organization, organization), attribute(oid.commonName, commonName));

const attribute = (type: string, value: string) => set(sequence(identifier(type), utf8(value)));

const spki = (key: KeyObject) => key.export({ type: "spki", format: "der" });

const keyIdentifier = (key: KeyObject) => createHash("sha1").update(spki(key)).digest();

const extension = (type: string, value: Buffer) => sequence(identifier(type), octets(value));
const critical = (type: string, value: Buffer) => sequence(identifier(type), yes, octets(value));

function extensions(purpose: Purpose, subjectKey: KeyObject, issuerKey: KeyObject): Buffer[] {
  const keys = [
    extension(oid.subjectKeyIdentifier, octets(keyIdentifier(subjectKey))),
    extension(oid.authorityKeyIdentifier, sequence(primitive(0, keyIdentifier(issuerKey)))),
  ];
  switch (purpose.kind) {
    case "authority":
      return [...keys, critical(oid.basicConstraints, sequence(yes)), critical(oid.keyUsage, keyCertSign)];
    case "device":
      return [
        ...keys,
        critical(oid.keyUsage, digitalSignature),
        extension(oid.extendedKeyUsage, sequence(identifier(oid.clientAuth))),
      ];
    case "server":
      return [
        ...keys,
        critical(oid.keyUsage, digitalSignature),
        extension(oid.extendedKeyUsage, sequence(identifier(oid.serverAuth))),
        extension(oid.subjectAltName, sequence(...purpose.hosts.map(alternativeName))),
      ];
  }
}

const digitalSignature = bits(Buffer.from([0x80]), 7);
/** And for revocation lists, as is customary. */
const keyCertSign = bits(Buffer.from([0x06]), 1);

const alternativeName = (host: string) =>
  isIP(host) === 0 ? primitive(2, Buffer.from(host)) : primitive(7, addressBytes(host));

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = address.split("::");
  const groups = (part: string | undefined) => (part ? part.split(":") : []);
  const [first, last] = [groups(head), groups(tail)];
  const zeros = new Array<string>(8 - first.length - last.length).fill("0");
  return Buffer.from([...first, ...zeros, ...last].map((group) => group.padStart(4, "0")).join(""), "hex");
}
