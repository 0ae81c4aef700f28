import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type TLSSocket } from "node:tls";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCa } from "../../provider/pki/ca.js";
import { describeCertificate } from "../../provider/pki/certificate.js";
import { parseCsr } from "../../provider/pki/csr.js";
import { createSigner } from "../support/deviceSigner.js";
import { generateKeyPair } from "../../provider/pki/keys.js";
import { OpenSsl, pkiError } from "./openssl.js";

const openssl = new OpenSsl();
const now = new Date();
const tenYears = { notBefore: now, days: 3650 };
const ca = createCa({
  subject: { country: "NO", commonName: "Example CA" },
  validity: { notBefore: now, days: 7300 },
});
const signer = createSigner(ca);
openssl.write("ca.pem", ca.certificatePem);

/** Nordic's own pattern for a certificate in a bulk file. */
const NRF_CLOUD_PEM =
  /^-{5}BEGIN CERTIFICATE-{5}(\r\n|\r|\n)([^-]+)(\r\n|\r|\n)-{5}END CERTIFICATE-{5}(\r\n|\r|\n)$/;

function signed(commonName = "nrf-350000000000001") {
  return signer.sign({ commonName, publicKeyPem: generateKeyPair().publicKeyPem, validity: tenYears });
}

describe("a signed device certificate", () => {
  const device = signed();
  openssl.write("device.pem", device.certificatePem);

  it("verifies against its CA, also strictly and as a TLS client", () => {
    const verified = (...more: string[]) =>
      openssl.run("verify", "-x509_strict", ...more, "-CAfile", "ca.pem", "device.pem");
    expect(verified()).toBe("device.pem: OK\n");
    expect(verified("-purpose", "sslclient")).toBe("device.pem: OK\n");
    expect(() => verified("-purpose", "sslserver")).toThrow(/unsuitable certificate purpose|[Uu]nsupported/);
  });

  it("cannot sign further certificates", () => {
    expect(new X509Certificate(device.certificatePem).ca).toBe(false);
    expect(openssl.run("x509", "-in", "device.pem", "-noout", "-purpose")).toContain("SSL client CA : No");
  });

  it("shows in openssl as asked for", () => {
    const shown = openssl.run("x509", "-in", "device.pem", "-noout", "-text");
    expect(shown).toContain("Version: 3");
    expect(shown).toContain("Issuer: C = NO, CN = Example CA");
    expect(shown).toContain("Subject: CN = nrf-350000000000001\n");
    expect(shown).toContain("NIST CURVE: P-256");
    expect(shown).toMatch(/Basic Constraints: critical\s+CA:FALSE\n/);
    expect(shown).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(shown).toMatch(/Extended Key Usage: \s+TLS Web Client Authentication\n/);
    expect(shown).toMatch(/Authority Key Identifier: \s+(keyid:)?/);
    const id = ca.subjectKeyIdentifier?.toUpperCase().replace(/..(?=.)/g, "$&:") ?? "none";
    expect(shown.slice(shown.indexOf("Authority Key Identifier"))).toContain(id);
    expect(shown).toContain("Subject Key Identifier");
    const seconds = 3650 * 24 * 3600;
    expect(openssl.run("x509", "-in", "device.pem", "-noout", "-checkend", String(seconds - 600))).toContain(
      "will not expire",
    );
    expect(() =>
      openssl.run("x509", "-in", "device.pem", "-noout", "-checkend", String(seconds + 600)),
    ).toThrow();
  });

  it("is described as it can be read back", () => {
    const { clampedToCa, ...description } = device;
    expect(clampedToCa).toBe(false);
    expect(describeCertificate(device.certificatePem)).toEqual(description);
  });

  it("has the form that nRF Cloud takes, small enough for a modem", () => {
    expect(device.certificatePem).toMatch(NRF_CLOUD_PEM);
    expect(device.certificatePem).not.toContain("\r");
    // What docs/security.md says that a modem has to take.
    expect(signed("d".repeat(64)).certificatePem.length).toBeLessThan(720);
  });

  it("has no extensions where the bare profile is asked for, as Nordic's own tool makes them", () => {
    const { certificatePem } = signer.sign({
      commonName: "d".repeat(64),
      publicKeyPem: generateKeyPair().publicKeyPem,
      validity: tenYears,
      profile: "bare",
    });
    const file = openssl.write("bare.pem", certificatePem);
    expect(openssl.run("x509", "-in", file, "-noout", "-text")).not.toContain("X509v3 extensions");
    expect(openssl.run("verify", "-purpose", "sslclient", "-CAfile", "ca.pem", file)).toBe("bare.pem: OK\n");
    expect(certificatePem.length).toBeLessThan(600);
  });

  it("verifies strictly under a CA with a key identifier of its own choice, or with none", () => {
    const given = createCa({ subject: ca.subject, validity: tenYears, subjectKeyIdentifier: "01:02:03" });
    const config = openssl.write("plain.cnf", "[req]\ndistinguished_name=dn\n[dn]\n");
    const privateKeyPem = openssl.p256Key();
    const without = openssl.selfSigned(
      privateKeyPem,
      "/CN=Plain CA",
      "-config",
      config,
      "-addext",
      "basicConstraints=critical,CA:TRUE",
      "-addext",
      "subjectKeyIdentifier=none",
    );
    for (const each of [given, { certificatePem: without, privateKeyPem }]) {
      openssl.write("each-ca.pem", each.certificatePem);
      const { certificatePem } = createSigner(each).sign({
        commonName: "d",
        publicKeyPem: generateKeyPair().publicKeyPem,
        validity: { notBefore: now, days: 1 },
      });
      openssl.write("each.pem", certificatePem);
      const strictly = each === given ? ["-x509_strict"] : [];
      expect(openssl.run("verify", ...strictly, "-CAfile", "each-ca.pem", "each.pem")).toBe("each.pem: OK\n");
    }
  });

  it("fits the device's own CSR", () => {
    const csr = parseCsr(openssl.csr(openssl.p256Key(), "/CN=device-1"));
    const { certificatePem } = signer.sign({
      commonName: "device-1",
      publicKeyPem: csr.publicKeyPem,
      validity: tenYears,
    });
    const file = openssl.write("csr.pem", certificatePem);
    expect(openssl.run("x509", "-in", file, "-noout", "-pubkey")).toBe(
      openssl.run("pkey", "-in", "csr.key", "-pubout"),
    );
    expect(openssl.run("verify", "-CAfile", "ca.pem", file)).toContain("OK");
  });

  it("takes a given serial number, else a random one", () => {
    const { publicKeyPem } = generateKeyPair();
    const sign = (serialNumber?: string) =>
      signer.sign({
        commonName: "d",
        publicKeyPem,
        validity: tenYears,
        ...(serialNumber !== undefined && { serialNumber }),
      });
    expect(new X509Certificate(sign("0xFF").certificatePem).serialNumber).toBe("FF");
    expect(sign().serialNumber).not.toBe(sign().serialNumber);
  });

  it("names its issuer byte for byte as the CA names itself", () => {
    const config = openssl.write("t61.cnf", "[req]\ndistinguished_name=dn\nstring_mask=nombstr\n[dn]\n");
    const privateKeyPem = openssl.p256Key();
    const certificatePem = openssl.selfSigned(
      privateKeyPem,
      "/O=Ægir/OU=a/OU=b/DC=example+CN=Odd/serialNumber=7",
      "-utf8",
      "-multivalue-rdn",
      "-config",
      config,
      "-addext",
      "basicConstraints=critical,CA:TRUE",
    );
    const { certificatePem: leaf } = createSigner({ certificatePem, privateKeyPem }).sign({
      commonName: "d",
      publicKeyPem: generateKeyPair().publicKeyPem,
      validity: { notBefore: now, days: 1 },
    });
    openssl.write("odd-ca.pem", certificatePem);
    openssl.write("odd.pem", leaf);
    const hash = (file: string, name: string) =>
      openssl.run(
        "x509",
        "-in",
        file,
        "-noout",
        `-${name}`,
        "-nameopt",
        "oneline,show_type,dump_der,dump_all",
      );
    expect(hash("odd.pem", "issuer").replace("issuer", "")).toBe(
      hash("odd-ca.pem", "subject").replace("subject", ""),
    );
    expect(openssl.run("verify", "-CAfile", "odd-ca.pem", "odd.pem")).toBe("odd.pem: OK\n");
  });

  it("verifies for any common name and validity", () => {
    const key = generateKeyPair();
    const caKey = new X509Certificate(ca.certificatePem).publicKey;
    const anyId = fc.stringMatching(/^[A-Za-z0-9:_-]{1,64}$/);
    fc.assert(
      fc.property(anyId, fc.integer({ min: 1, max: 7000 }), (commonName, days) => {
        const certificate = signer.sign({
          commonName,
          publicKeyPem: key.publicKeyPem,
          validity: { notBefore: now, days },
        });
        const x509 = new X509Certificate(certificate.certificatePem);
        expect(x509.verify(caKey)).toBe(true);
        expect(x509.subject).toBe(`CN=${commonName}`);
        expect(certificate.certificatePem).toMatch(NRF_CLOUD_PEM);
      }),
    );
  });
});

describe("the end of a device certificate", () => {
  const { publicKeyPem } = generateKeyPair();
  const sign = (notBefore: Date, days: number) =>
    signer.sign({ commonName: "device-1", publicKeyPem, validity: { notBefore, days } });

  it("is the end of the CA if that is earlier", () => {
    expect(sign(now, 7301)).toMatchObject({ notAfter: ca.notAfter, clampedToCa: true });
    expect(sign(now, 7300)).toMatchObject({ notAfter: ca.notAfter, clampedToCa: false });
  });

  it("cannot come before its start: a CA that ended does not sign", () => {
    const end = new Date(ca.notAfter);
    expect(sign(new Date(end.getTime() - 1000), 1)).toMatchObject({
      notAfter: ca.notAfter,
      clampedToCa: true,
    });
    const error = pkiError(() => sign(end, 1), "ca-expired");
    expect(error.message).toContain(ca.notAfter);
    expect(error.message).toContain("device-1");
  });
});

describe("signing refuses", () => {
  const { publicKeyPem } = generateKeyPair();
  const request = { commonName: "device-1", publicKeyPem, validity: tenYears };
  const rsaPublicKey = openssl.run(
    "pkey",
    "-in",
    openssl.write("rsa.key", openssl.key("RSA", "rsa_keygen_bits:2048")),
    "-pubout",
  );

  it.each([
    ["an id of 65 characters", { commonName: "d".repeat(65) }, "invalid-subject", /65 characters/],
    ["an empty id", { commonName: "" }, "invalid-subject", /commonName is empty/],
    [
      "an RSA key",
      { publicKeyPem: rsaPublicKey },
      "unsupported-key",
      /public key of device-1 has an RSA key/,
    ],
    ["no time", { validity: { notBefore: now, days: 0 } }, "invalid-validity", /0 hours/],
    ["a bad serial number", { serialNumber: "no" }, "invalid-serial-number", /hexadecimal/],
  ] as const)("%s", (_, change, kind, message) => {
    expect(pkiError(() => signer.sign({ ...request, ...change }), kind).message).toMatch(message);
  });

  it("a certificate that is no CA", () => {
    const key = generateKeyPair();
    const { certificatePem } = signer.sign({ ...request, publicKeyPem: key.publicKeyPem });
    pkiError(() => createSigner({ certificatePem, privateKeyPem: key.privateKeyPem }), "not-a-ca");
  });
});

describe("mutual TLS", () => {
  const serverKey = generateKeyPair();
  const server = signer.sign({
    commonName: "localhost",
    publicKeyPem: serverKey.publicKeyPem,
    validity: tenYears,
    // What has no extended key usage may be a server too.
    profile: "bare",
  });

  /** The common name that a server sees of this client, or the reason of its refusal. */
  async function shakeHands(cert: string, key: string): Promise<string> {
    const listening = createServer({
      cert: server.certificatePem,
      key: serverKey.privateKeyPem,
      ca: ca.certificatePem,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const seen = new Promise<string>((resolve) => {
      listening.once("secureConnection", (socket: TLSSocket) => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.end();
      });
      listening.once("tlsClientError", (error) => {
        resolve(error.message);
      });
    });
    listening.listen(0, "127.0.0.1");
    await once(listening, "listening");
    const address = listening.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const client = connect({
      host: "127.0.0.1",
      port: address.port,
      ca: ca.certificatePem,
      cert,
      key,
      checkServerIdentity: () => undefined,
    });
    client.on("error", () => undefined);
    const result = await seen;
    client.destroy();
    listening.close();
    return result;
  }

  it("succeeds with a generated key and certificate", async () => {
    const key = generateKeyPair();
    const { certificatePem } = signer.sign({
      commonName: "nrf-1",
      publicKeyPem: key.publicKeyPem,
      validity: tenYears,
    });
    await expect(shakeHands(certificatePem, key.privateKeyPem)).resolves.toBe("nrf-1");
  });

  it("fails with a certificate of another CA of the same name", async () => {
    const key = generateKeyPair();
    const impostor = createSigner(createCa({ subject: ca.subject, validity: tenYears }));
    const { certificatePem } = impostor.sign({
      commonName: "nrf-1",
      publicKeyPem: key.publicKeyPem,
      validity: tenYears,
    });
    await expect(shakeHands(certificatePem, key.privateKeyPem)).resolves.not.toBe("nrf-1");
  });
});
