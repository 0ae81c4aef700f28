import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCsr } from "../../provider/pki/csr.js";
import { PkiError } from "../../provider/pki/errors.js";
import { OpenSsl, pkiError } from "./openssl.js";

const openssl = new OpenSsl();
const key = openssl.p256Key();
const publicKeyPem = openssl.run("pkey", "-in", openssl.write("device.key", key), "-pubout");
const csr = openssl.csr(key, "/O=Example/CN=device-1");

const toDer = (pem: string) => Buffer.from(pem.replace(/-----.*-----|\n/g, ""), "base64");
const toCsr = (der: Buffer) =>
  `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;

/** What modems do: the algorithm gets a NULL parameter, and the lengths around it grow by two. */
function asFromModem(pem: string): string {
  const der = toDer(pem);
  const algorithm = Buffer.from("300a06082a8648ce3d040302", "hex");
  const at = der.lastIndexOf(algorithm);
  const body = Buffer.concat([
    headerless(der).subarray(0, at - headerLength(der)),
    Buffer.from("300c06082a8648ce3d0403020500", "hex"),
    der.subarray(at + algorithm.length),
  ]);
  return toCsr(Buffer.concat([Buffer.from([0x30, 0x82, body.length >> 8, body.length & 0xff]), body]));
}
const headerLength = (der: Buffer) => 2 + ((der[1] ?? 0) > 0x7f ? (der[1] ?? 0) & 0x7f : 0);
const headerless = (der: Buffer) => der.subarray(headerLength(der));

describe("parseCsr", () => {
  it("reads subject and key of openssl's CSR", () => {
    expect(parseCsr(csr)).toEqual({
      subject: { organization: "Example", commonName: "device-1" },
      publicKeyPem,
    });
  });

  it("reads the older label, CRLF, and requested extensions", () => {
    const older = openssl.csr(key, "/CN=device-1", "-newhdr", "-addext", "keyUsage=digitalSignature");
    expect(older).toContain("BEGIN NEW CERTIFICATE REQUEST");
    expect(parseCsr(older.replaceAll("\n", "\r\n")).publicKeyPem).toBe(publicKeyPem);
  });

  it("names the curve of a key that spells it out", () => {
    const explicit = openssl.run("pkey", "-in", openssl.write("e.key", key), "-ec_param_enc", "explicit");
    const spelled = openssl.csr(explicit);
    expect(spelled.length).toBeGreaterThan(csr.length);
    expect(parseCsr(spelled).publicKeyPem).toBe(publicKeyPem);
  });

  it("reads a CSR signed with SHA-384", () => {
    expect(parseCsr(openssl.csr(key, "/CN=device-1", "-sha384")).publicKeyPem).toBe(publicKeyPem);
  });

  it("reads a modem's CSR, whose signature algorithm has a NULL parameter", () => {
    const long = openssl.csr(key, `/CN=${"d".repeat(36)}`, "-addext", "keyUsage=digitalSignature");
    const modem = asFromModem(long);
    expect(openssl.run("asn1parse", "-in", openssl.write("modem.csr", modem))).toMatch(
      /ecdsa-with-SHA256\n.*NULL/,
    );
    expect(parseCsr(modem)).toEqual(parseCsr(long));
  });

  const withOddParameter = asFromModem(openssl.csr(key, `/CN=${"d".repeat(64)}/O=${"o".repeat(60)}`));
  it.each([
    [
      "an RSA key",
      "unsupported-key",
      /CSR has an RSA key of 2048 bits/,
      openssl.csr(openssl.key("RSA", "rsa_keygen_bits:2048")),
    ],
    [
      "a P-384 key",
      "unsupported-key",
      /secp384r1/,
      openssl.csr(openssl.key("EC", "ec_paramgen_curve:P-384")),
    ],
    ["an Ed25519 key", "unsupported-key", /ed25519/, openssl.csr(openssl.key("ED25519"))],
    [
      "a digest too weak",
      "unsupported-signature",
      /1\.2\.840\.10045\.4\.1/,
      openssl.csr(key, "/CN=x", "-sha1"),
    ],
    [
      "an odd algorithm parameter",
      "unsupported-signature",
      /ECDSA and SHA-256/,
      toCsr(oddParameter(toDer(withOddParameter))),
    ],
    [
      "a changed subject",
      "bad-signature",
      /was changed/,
      toCsr(Buffer.from(toDer(csr).toString("latin1").replace("device-1", "device-2"), "latin1")),
    ],
    ["a lost line", "malformed-csr", /damaged/, csr.replace(/\n.{64}\n/, "\n")],
    [
      "a certificate in a CSR's block",
      "malformed-csr",
      /damaged/,
      openssl.selfSigned(key, "/CN=x").replaceAll("CERTIFICATE", "CERTIFICATE REQUEST"),
    ],
    ["bytes after the end", "malformed-csr", /damaged/, toCsr(Buffer.concat([toDer(csr), Buffer.from([0])]))],
    [
      "indefinite lengths",
      "malformed-csr",
      /damaged/,
      toCsr(Buffer.concat([Buffer.from([0x30, 0x80]), headerless(toDer(csr)), Buffer.alloc(2)])),
    ],
    ["a certificate", "malformed-pem", /"CERTIFICATE" block/, openssl.selfSigned(key, "/CN=x")],
    ["two CSRs", "several-blocks", /2 PEM blocks/, csr + csr],
    [
      "a modem's raw answer",
      "malformed-pem",
      /modem_credentials_parser/,
      `${toDer(csr).toString("base64url")}.0oRDoQEmoQRBIVhL`,
    ],
    ["base64 alone", "malformed-pem", /not PEM/, toDer(csr).toString("base64")],
    ["nothing", "malformed-pem", /empty/, ""],
  ] as const)("refuses %s", (_, kind, message, pem) => {
    const error = pkiError(() => parseCsr(pem), kind);
    expect(error.message).toMatch(message);
  });

  it("notices any change of a single byte", () => {
    const der = toDer(csr);
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(der);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(() => parseCsr(toCsr(changed))).toThrow(PkiError);
      }),
      { numRuns: 500 },
    );
  });
});

/** Makes the NULL of a modem's CSR an empty SEQUENCE. */
function oddParameter(der: Buffer): Buffer {
  der[der.lastIndexOf(Buffer.from("0403020500", "hex")) + 3] = 0x30;
  return der;
}
