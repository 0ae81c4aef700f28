import { createHash, createPublicKey, ECDH } from "node:crypto";
import { PkiError } from "./errors.js";

const CURVE = "prime256v1";

// SubjectPublicKeyInfo of P-256 is the same for every key up to the point itself.
const UNCOMPRESSED_HEADER = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");
const COMPRESSED_HEADER = Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex");
/** The first byte of an uncompressed point. */
const UNCOMPRESSED_POINT = 4;
const UNCOMPRESSED_POINT_LENGTH = 65;
const COMPRESSED_POINT_LENGTH = 33;

/**
 * The SubjectPublicKeyInfo of a P-256 key with its point uncompressed (what nRF Cloud and modems expect), or
 * undefined when it is a key of another kind.
 * @throws PkiError malformed-key when the point is not on the curve
 */
export function p256Spki(spki: Buffer): Buffer | undefined {
  const point = pointOf(spki);
  return point && Buffer.concat([UNCOMPRESSED_HEADER, onCurve(point)]);
}

/** The key identifier of RFC 5280 section 4.2.1.2 (1): the SHA-1 of the point alone. */
export function keyIdentifierOf(spki: Buffer): Buffer {
  return createHash("sha1").update(p256Point(spki)).digest();
}

/** The point alone. */
export function p256Point(spki: Buffer): Buffer {
  return spki.subarray(UNCOMPRESSED_HEADER.length);
}

export function spkiOfPoint(point: Buffer): Buffer {
  return Buffer.concat([UNCOMPRESSED_HEADER, point]);
}

/** Like `p256Spki`, but also accepts explicit P-256 parameters. @throws PkiError for all other keys */
export function requireP256(spki: Buffer, owner: string): Buffer {
  const p256 = p256Spki(spki) ?? namedP256(spki);
  if (!p256) throw notP256(spki, owner);
  return p256;
}

/** The error for a key that is not P-256, or that does not name its curve and can't be changed, as in a certificate. */
export function notP256(spki: Buffer, owner: string): PkiError {
  const isUnnamed = namedP256(spki) !== undefined;
  return new PkiError(
    "unsupported-key",
    `${owner} has ${kindOfKey(spki)}; only EC P-256 keys ${isUnnamed ? "that name their curve " : ""}(ES256) are accepted.`,
    isUnnamed
      ? "Name the curve with `openssl ec -in key.pem -param_enc named_curve -out named.pem`, and make the certificate from that."
      : "Make a P-256 key, for example with `openssl ecparam -name prime256v1 -genkey -noout`.",
  );
}

/** A P-256 key with its curve named in place of explicit parameters, which RFC 5480 forbids but some tools write. */
function namedP256(spki: Buffer): Buffer | undefined {
  try {
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== CURVE) return undefined;
    const { x = "", y = "" } = key.export({ format: "jwk" });
    const coordinates = [x, y].map((coordinate) => Buffer.from(coordinate, "base64url"));
    return spkiOfPoint(Buffer.concat([Buffer.of(UNCOMPRESSED_POINT), ...coordinates]));
  } catch {
    return undefined;
  }
}

function pointOf(spki: Buffer): Buffer | undefined {
  for (const [header, length] of [
    [UNCOMPRESSED_HEADER, UNCOMPRESSED_POINT_LENGTH],
    [COMPRESSED_HEADER, COMPRESSED_POINT_LENGTH],
  ] as const) {
    if (spki.length === header.length + length && spki.subarray(0, header.length).equals(header)) {
      return spki.subarray(header.length);
    }
  }
  return undefined;
}

function onCurve(point: Buffer): Buffer {
  try {
    return Buffer.from(ECDH.convertKey(point, CURVE, undefined, "hex", "uncompressed").toString(), "hex");
  } catch {
    throw new PkiError(
      "malformed-key",
      "The public key is damaged: its point is not on the P-256 curve.",
      "Export the public key again from where it was made.",
    );
  }
}

/** Describes any public key for messages, such as "an RSA key of 2048 bits". */
export function kindOfKey(spki: Buffer): string {
  try {
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    const { asymmetricKeyType: type = "unknown", asymmetricKeyDetails: details } = key;
    // p256Spki has the keys that name this curve; OpenSSL recognizes it by its parameters too.
    if (details?.namedCurve === CURVE) return "a P-256 key with explicit curve parameters";
    if (type === "ec") return `an EC key on the curve ${details?.namedCurve ?? "(unnamed)"}`;
    if (details?.modulusLength) return `an RSA key of ${details.modulusLength} bits`;
    return `a key of type ${type}`;
  } catch {
    return "a key that cannot be read";
  }
}
