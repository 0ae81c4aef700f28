import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCa, takeOverCa } from "../../provider/pki/ca.js";
import { PkiError } from "../../provider/pki/errors.js";
import { generateKeyPair } from "../../provider/pki/keys.js";
import { expectNoSecret, OpenSsl, pkiError } from "./openssl.js";

const openssl = new OpenSsl();
const validity = { notBefore: new Date("2026-11-23T12:00:00Z"), days: 3650 };
const subject = { country: "NO", organization: "Example", commonName: "Example CA" };

function text(certificatePem: string): string {
  return openssl.run("x509", "-in", openssl.write("ca.pem", certificatePem), "-noout", "-text");
}

describe("createCa", () => {
  const ca = createCa({ subject, validity });

  it("makes a self-signed CA that openssl verifies", () => {
    openssl.write("ca.pem", ca.certificatePem);
    expect(
      openssl.run(
        "verify",
        "-x509_strict",
        "-check_ss_sig",
        "-attime",
        attime("2027-01-01"),
        "-CAfile",
        "ca.pem",
        "ca.pem",
      ),
    ).toBe("ca.pem: OK\n");
  });

  it("writes what openssl then shows", () => {
    const shown = text(ca.certificatePem);
    expect(shown).toContain("Version: 3");
    expect(shown).toContain("Signature Algorithm: ecdsa-with-SHA256");
    expect(shown).toContain("Not Before: Nov 23 12:00:00 2026 GMT");
    expect(shown).toContain("Not After : Nov 20 12:00:00 2036 GMT");
    expect(shown).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/);
    expect(shown).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    const id = ca.subjectKeyIdentifier?.toUpperCase().replace(/..(?=.)/g, "$&:") ?? "";
    expect(shown).toMatch(new RegExp(`Subject Key Identifier: \\s+${id}\n`));
    expect(shown).toMatch(new RegExp(`Authority Key Identifier: \\s+${id}\n`));
    expect(shown.replace(/\s/g, "")).toContain(`SerialNumber:${ca.serialNumber.replace(/..(?=.)/g, "$&:")}`);
  });

  it("has the key identifier that openssl would give it", () => {
    const request = openssl.csr(ca.privateKeyPem, "/CN=x", "-x509", "-addext", "subjectKeyIdentifier=hash");
    expect(text(request)).toContain(/Subject Key Identifier: \s+(.*)\n/.exec(text(ca.certificatePem))?.[1]);
  });

  it("describes itself as node reads it", () => {
    const x509 = new X509Certificate(ca.certificatePem);
    expect(ca.fingerprint).toBe(x509.fingerprint256.replaceAll(":", "").toLowerCase());
    expect(ca.serialNumber).toBe(x509.serialNumber.toLowerCase());
    expect(ca.notBefore).toBe("2026-11-23T12:00:00Z");
    expect(ca.notAfter).toBe("2036-11-20T12:00:00Z");
    expect(ca.publicKeyPem).toBe(x509.publicKey.export({ format: "pem", type: "spki" }));
    expect(ca).toMatchObject({ subject, isP256: true, isEs256: true, keyUsage: ["keyCertSign", "cRLSign"] });
    expect(ca.pathLength).toBe(0);
  });

  it("follows path length, key usage, serial number, key identifier and key", () => {
    const { privateKeyPem } = generateKeyPair();
    const own = createCa({
      subject,
      validity,
      pathLength: 0,
      keyUsage: ["digitalSignature", "keyCertSign", "decipherOnly"],
      serialNumber: "0xFF01",
      subjectKeyIdentifier: "01:02:03",
      privateKeyPem,
    });
    expect(own).toMatchObject({
      pathLength: 0,
      keyUsage: ["digitalSignature", "keyCertSign", "decipherOnly"],
      serialNumber: "ff01",
      subjectKeyIdentifier: "010203",
      privateKeyPem,
    });
    const shown = text(own.certificatePem);
    expect(shown).toContain("CA:TRUE, pathlen:0");
    expect(shown).toContain("Digital Signature, Certificate Sign, Decipher Only");
    expect(shown).toContain("Serial Number: 65281 (0xff01)");
    expect(shown).toContain("01:02:03");
  });

  it("writes dates from 2050 on in the form that they need", () => {
    const long = createCa({
      subject,
      validity: { notBefore: new Date("2049-12-31T23:59:59Z"), hours: 24 * 365 },
    });
    expect(text(long.certificatePem)).toMatch(
      /Not Before: Dec 31 23:59:59 2049 GMT\s+Not After : Dec 31 23:59:59 2050 GMT/,
    );
    expect(long).toMatchObject({ notBefore: "2049-12-31T23:59:59Z", notAfter: "2050-12-31T23:59:59Z" });
    const times = openssl.run("asn1parse", "-in", openssl.write("long.pem", long.certificatePem));
    expect(times).toContain("UTCTIME           :491231235959Z");
    expect(times).toContain("GENERALIZEDTIME   :20501231235959Z");
  });

  it.each([
    ["a key usage without keyCertSign", { keyUsage: ["cRLSign"] as const }, "invalid-extension"],
    ["an empty key usage", { keyUsage: [] }, "invalid-extension"],
    ["a negative path length", { pathLength: -1 }, "invalid-extension"],
    ["a broken path length", { pathLength: 1.5 }, "invalid-extension"],
    ["a key identifier that is not hex", { subjectKeyIdentifier: "key" }, "invalid-extension"],
    ["a serial number of zero", { serialNumber: "0" }, "invalid-serial-number"],
    ["no validity", { validity: { notBefore: new Date(), days: 0 } }, "invalid-validity"],
    ["an RSA key", { privateKeyPem: openssl.key("RSA", "rsa_keygen_bits:2048") }, "unsupported-key"],
  ] as const)("refuses %s", (_, change, kind) => {
    pkiError(() => createCa({ subject, validity, ...change }), kind);
  });
});

describe("takeOverCa", () => {
  const privateKeyPem = openssl.p256Key();
  const caOptions = [
    "-addext",
    "basicConstraints=critical,CA:TRUE",
    "-config",
    openssl.write("empty.cnf", "[req]\ndistinguished_name=dn\n[dn]\n"),
  ];
  const plain = caOptions.slice(2);

  it("takes what createCa made", () => {
    const ca = createCa({ subject, validity, pathLength: 1 });
    expect(takeOverCa(ca)).toEqual(ca);
  });

  it("takes a CA of openssl's, with whatever signature, and describes it", () => {
    const certificatePem = openssl.selfSigned(
      privateKeyPem,
      "/CN=Theirs",
      "-sha384",
      "-addext",
      "basicConstraints=critical,CA:TRUE,pathlen:3",
      "-addext",
      "keyUsage=digitalSignature,keyEncipherment,keyCertSign,cRLSign",
      ...plain,
    );
    expect(
      takeOverCa({ certificatePem: certificatePem.replaceAll("\n", "\r\n"), privateKeyPem }),
    ).toMatchObject({
      certificatePem,
      privateKeyPem,
      subject: { commonName: "Theirs" },
      isP256: true,
      isEs256: false,
      pathLength: 3,
      keyUsage: ["digitalSignature", "keyEncipherment", "keyCertSign", "cRLSign"],
      subjectKeyIdentifier: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
    });
  });

  it("takes a CA without key usage", () => {
    const certificatePem = openssl.selfSigned(privateKeyPem, "/CN=Theirs", ...caOptions);
    expect(takeOverCa({ certificatePem, privateKeyPem })).not.toHaveProperty("keyUsage");
  });

  const rsa = openssl.key("RSA", "rsa_keygen_bits:2048");
  const p384 = openssl.key("EC", "ec_paramgen_curve:P-384");
  const good = openssl.selfSigned(privateKeyPem, "/CN=Theirs", ...caOptions);
  const version1 = openssl.run(
    "x509",
    "-req",
    "-in",
    openssl.write("v1.csr", openssl.csr(privateKeyPem)),
    "-signkey",
    "csr.key",
  );
  it.each([
    [
      "an RSA CA, saying what to do",
      "unsupported-key",
      /RSA key of 2048 bits.*Create a new P-256 CA/s,
      openssl.selfSigned(rsa, "/CN=R", ...caOptions),
      rsa,
    ],
    ["a P-384 CA", "unsupported-key", /secp384r1/, openssl.selfSigned(p384, "/CN=R", ...caOptions), p384],
    ["a version 1 certificate", "not-a-ca", /no basicConstraints/, version1, privateKeyPem],
    [
      "a device certificate",
      "not-a-ca",
      /CA:FALSE/,
      openssl.selfSigned(privateKeyPem, "/CN=R", "-addext", "basicConstraints=CA:FALSE", ...plain),
      privateKeyPem,
    ],
    [
      "a CA that may not sign certificates",
      "not-a-ca",
      /keyCertSign/,
      openssl.selfSigned(privateKeyPem, "/CN=R", "-addext", "keyUsage=cRLSign", ...caOptions),
      privateKeyPem,
    ],
    [
      "an extension that cannot be read",
      "not-a-ca",
      /cannot be read/,
      openssl.selfSigned(privateKeyPem, "/CN=R", "-addext", "basicConstraints=DER:04:00", ...plain),
      privateKeyPem,
    ],
    ["another CA's key", "key-mismatch", /does not belong/, good, generateKeyPair().privateKeyPem],
    ["a chain", "several-blocks", /without the rest of its chain/, good + good, privateKeyPem],
    ["certificate and key swapped", "malformed-pem", /"PRIVATE KEY" block/, privateKeyPem, good],
    ["an RSA key for a P-256 certificate", "unsupported-key", /RSA/, good, rsa],
    [
      "a damaged certificate",
      "malformed-certificate",
      /damaged/,
      good.replace(/\n.{64}\n/, "\n"),
      privateKeyPem,
    ],
  ] as const)("refuses %s", (_, kind, message, certificatePem, keyPem) => {
    const error = pkiError(() => takeOverCa({ certificatePem, privateKeyPem: keyPem }), kind);
    expect(error.message).toMatch(message);
    expectNoSecret(error.message, privateKeyPem, keyPem);
  });
});

describe("a CA certificate with a changed byte", () => {
  const ca = createCa({ subject, validity, pathLength: 1 });
  const bytes = Buffer.from(ca.certificatePem.replace(/-----.*-----|\n/g, ""), "base64");

  it("is read or refused, never a crash", () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        const certificatePem = `-----BEGIN CERTIFICATE-----\n${changed.toString("base64")}\n-----END CERTIFICATE-----\n`;
        try {
          takeOverCa({ certificatePem, privateKeyPem: ca.privateKeyPem });
        } catch (error) {
          expect(error).toBeInstanceOf(PkiError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

function attime(date: string): string {
  return String(Date.parse(date) / 1000);
}
