import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import {
  bits,
  identifier,
  integer,
  nothing,
  pem,
  sequence,
  set,
  tagged,
  time,
  utf8,
} from "../../../emulator/pki/der.js";

type KeyKind = "P-256" | "P-384" | "RSA";

interface Variant {
  /** Default: organization and common name, in this order. Null leaves the common name out. */
  readonly commonName?: string | null;
  readonly key?: KeyKind;
  readonly caKey?: KeyKind;
  readonly hash?: "sha256" | "sha384";
  readonly expired?: boolean;
}

/** Content of the object identifiers of the signature algorithms. */
const signatureAlgorithms = {
  ecdsa: { sha256: "2a8648ce3d040302", sha384: "2a8648ce3d040303" },
  rsa: { sha256: "2a864886f70d01010b", sha384: "2a864886f70d01010c" },
};
const organization = "55040a";
const commonName = "550403";

const version3 = Buffer.from([2]);

const oneDay = 24 * 3600 * 1000;

/** A device certificate in PEM by a CA of its own: P-256 and ECDSA with SHA-256 unless told otherwise. */
export const certificateFor = (deviceId: string, variant: Variant = {}): string =>
  identityFor(deviceId, variant).cert;

/** The same with its private key, as a device holds it. */
export function identityFor(deviceId: string, variant: Variant = {}): { cert: string; key: string } {
  const { key = "P-256", caKey = "P-256", hash = "sha256", expired = false } = variant;
  const subjectName = variant.commonName === undefined ? deviceId : variant.commonName;
  const algorithm =
    caKey === "RSA"
      ? sequence(identifier(signatureAlgorithms.rsa[hash]), nothing)
      : sequence(identifier(signatureAlgorithms.ecdsa[hash]));
  const keys = newKeys(key);
  const now = Date.now();
  const content = sequence(
    tagged(0, integer(version3)),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name([commonName, "Test CA"]),
    sequence(time(new Date(now - 2 * oneDay)), time(new Date(now + (expired ? -oneDay : oneDay)))),
    name([organization, "Fleet"], ...(subjectName === null ? [] : [[commonName, subjectName] as const])),
    keys.publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = sign(hash, content, newKeys(caKey).privateKey);
  return {
    cert: pem("CERTIFICATE", sequence(content, algorithm, bits(signature))),
    key: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** A public key in PEM. */
export const publicKeyPem = (kind: KeyKind = "P-256") =>
  pem("PUBLIC KEY", newKeys(kind).publicKey.export({ type: "spki", format: "der" }));

function newKeys(kind: KeyKind): { publicKey: KeyObject; privateKey: KeyObject } {
  return kind === "RSA"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: kind });
}

const name = (...attributes: readonly (readonly [type: string, value: string])[]) =>
  sequence(...attributes.map(([type, value]) => set(sequence(identifier(type), utf8(value)))));
