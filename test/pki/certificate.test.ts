import { describe, expect, it } from "vitest";
import { describeCertificate, normalizePem, requireP256Certificate } from "../../provider/pki/certificate.js";
import { OpenSsl, pkiError } from "./openssl.js";

const openssl = new OpenSsl();
const pem = openssl.selfSigned(openssl.p256Key(), "/C=NO/CN=device-1", "-set_serial", "0x00ab01");
const rsa = openssl.selfSigned(openssl.key("RSA", "rsa_keygen_bits:2048"), "/CN=factory");

describe("describeCertificate", () => {
  it("reads the same as openssl", () => {
    openssl.write("device.pem", pem);
    const fingerprint =
      openssl.run("x509", "-in", "device.pem", "-noout", "-fingerprint", "-sha256").split("=")[1] ?? "";
    const iso = (field: string) =>
      openssl
        .run("x509", "-in", "device.pem", "-noout", `-${field}`, "-dateopt", "iso_8601")
        .trim()
        .split("=")[1]
        ?.replace(" ", "T");
    expect(describeCertificate(pem)).toEqual({
      certificatePem: pem,
      publicKeyPem: openssl.run("x509", "-in", "device.pem", "-noout", "-pubkey"),
      fingerprint: fingerprint.trim().replaceAll(":", "").toLowerCase(),
      serialNumber: "ab01",
      subject: { country: "NO", commonName: "device-1" },
      notBefore: iso("startdate"),
      notAfter: iso("enddate"),
      isP256: true,
      isEs256: true,
    });
  });

  it("describes a certificate that nRF Cloud would refuse", () => {
    const description = describeCertificate(rsa);
    expect(description).toMatchObject({ isP256: false, isEs256: false, subject: { commonName: "factory" } });
    const error = pkiError(() => {
      requireP256Certificate(description);
    }, "unsupported-key");
    expect(error.message).toContain("The certificate has an RSA key of 2048 bits");
    requireP256Certificate(describeCertificate(pem));
  });

  it("does not contradict itself about a key that spells its curve out, which a certificate can't mend", () => {
    openssl.write("named.key", openssl.p256Key());
    const explicit = openssl.run("pkey", "-in", "named.key", "-ec_param_enc", "explicit");
    const error = pkiError(() => {
      requireP256Certificate(describeCertificate(openssl.selfSigned(explicit, "/CN=device-1")));
    }, "unsupported-key");
    expect(error.problem).toBe(
      "The certificate has a P-256 key with explicit curve parameters; only EC P-256 keys that name their curve (ES256) are accepted.",
    );
    // The advice works for this very key.
    openssl.write("key.pem", explicit);
    openssl.run("ec", "-in", "key.pem", "-param_enc", "named_curve", "-out", "named.pem");
    requireP256Certificate(
      describeCertificate(openssl.selfSigned(openssl.read("named.pem"), "/CN=device-1")),
    );
  });

  it("reads a certificate with extensions whose identifiers are out of the ordinary", () => {
    const odd = openssl.selfSigned(
      openssl.p256Key(),
      "/CN=odd",
      "-addext",
      "2.25.329800735698586629295641978511506172918=ASN1:NULL",
    );
    expect(describeCertificate(odd).subject.commonName).toBe("odd");
  });

  it.each([
    ["a bundle", "several-blocks", /2 PEM blocks.*nRF Cloud takes one certificate/s, pem + rsa],
    ["a private key", "malformed-pem", /"PRIVATE KEY" block/, openssl.p256Key()],
    ["a CSR", "malformed-pem", /"CERTIFICATE REQUEST" block/, openssl.csr(openssl.p256Key())],
    ["a certificate cut short", "malformed-certificate", /damaged/, pem.replace(/\n.{64}\n/, "\n")],
    [
      "DER",
      "malformed-pem",
      /-inform DER/,
      Buffer.from(pem.replace(/-----.*-----|\n/g, ""), "base64").toString("latin1"),
    ],
  ] as const)("refuses %s", (_, kind, message, text) => {
    expect(pkiError(() => describeCertificate(text), kind).message).toMatch(message);
  });
});

describe("normalizePem", () => {
  it.each([
    ["CRLF", pem.replaceAll("\n", "\r\n")],
    ["CR", pem.replaceAll("\n", "\r")],
    ["no final newline", pem.trimEnd()],
    ["several final newlines", `${pem}\n\n`],
    ["a text before it", openssl.run("x509", "-in", openssl.write("text.pem", pem), "-text")],
    ["indentation, as from a template literal", pem.replaceAll("\n", "\n    ")],
    ["one long line", pem.replace(/([^-])\n([^-])/g, "$1$2")],
    ["a byte order mark", `\ufeff${pem}`],
  ])("repairs %s", (_, text) => {
    expect(text).not.toBe(pem);
    expect(normalizePem(text)).toBe(pem);
  });
});
