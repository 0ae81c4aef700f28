import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { bits, identifier, integer, nothing, octets, sequence, set, tagged, utf8 } from "../pki/der.js";
import { uuidBytes } from "./attestationToken.js";
import { byteString, fiveFields, signedAttached } from "./cose.js";
import type { IdentityKeys } from "./identityKeys.js";

/** The inputs of a modem's certificate request. */
export interface CsrOrder {
  readonly secTag: number;
  /** Such as `CN=device-1,O=Example`; empty for the device's UUID as common name. */
  readonly attributes: string;
  /** A bit string such as `101010000`, digitalSignature first. */
  readonly keyUsage: string;
}

/** Contents of object identifiers in hexadecimal. */
const attributeTypes: Readonly<Record<string, string>> = {
  CN: "550403",
  C: "550406",
  L: "550407",
  ST: "550408",
  O: "55040a",
  OU: "55040b",
};
const ecdsaWithSha256 = "2a8648ce3d040302";
const extensionRequest = "2a864886f70d01090e";
const keyUsageExtension = "551d0f";

const csrMessage = 9;

/**
 * A modem's answer to AT%KEYGEN: a certificate request with a new key, and a statement that the device's identity key signs. The
 * private key is not stored.
 */
export function keygenOutput(keys: IdentityKeys, deviceId: string, order: CsrOrder): string {
  const request = certificateRequest(deviceId, order);
  const securityTag = Buffer.alloc(5, 0x1a);
  securityTag.writeUInt32BE(order.secTag, 1);
  const statement = Buffer.concat([
    fiveFields,
    Buffer.from([csrMessage]),
    byteString(uuidBytes(deviceId)),
    byteString(securityTag),
    byteString(createHash("sha256").update(request).digest()),
    byteString(randomBytes(16)),
  ]);
  const message = signedAttached(statement, keys.keyOf(deviceId).privateKey);
  return `${request.toString("base64url")}.${message.toString("base64url")}`;
}

function certificateRequest(deviceId: string, { attributes, keyUsage }: CsrOrder): Buffer {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const usage = sequence(identifier(keyUsageExtension), octets(bitString(keyUsage)));
  const info = sequence(
    integer(Buffer.from([0])),
    subject(attributes === "" ? `CN=${deviceId}` : attributes),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0, sequence(identifier(extensionRequest), set(sequence(usage)))),
  );
  // The NULL should not be there, but modems write it.
  const algorithm = sequence(identifier(ecdsaWithSha256), nothing);
  return sequence(info, algorithm, bits(sign("sha256", info, privateKey)));
}

/** Attributes of types that are not known are left out. */
const subject = (attributes: string) =>
  sequence(
    ...attributes.split(",").flatMap((attribute) => {
      const [, name = "", value = ""] = /^\s*(\w+)=(.*)$/.exec(attribute) ?? [];
      const type = attributeTypes[name];
      return type === undefined ? [] : [set(sequence(identifier(type), utf8(value)))];
    }),
  );

/** A named bit list in DER: without zeros at its end. */
function bitString(digits: string): Buffer {
  const significant = digits.replace(/0+$/, "");
  const padded = significant.padEnd(Math.ceil(significant.length / 8) * 8, "0");
  const bytes = padded.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [];
  return bits(Buffer.from(bytes), padded.length - significant.length);
}
