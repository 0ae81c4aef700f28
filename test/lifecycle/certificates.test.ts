import { createPublicKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { unpackCertificates } from "../../provider/pki/pack.js";
import { openssl, opensslMakes } from "../support/openssl.js";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

const world = useWorld();

const P256_KEY = "ecparam -name prime256v1 -genkey -noout -out key.pem";

test("certificates of a generated CA verify with openssl, for generated keys and for a device's CSR", async () => {
  const [csr] = opensslMakes(
    [P256_KEY, "req -new -key key.pem -subj /CN=ignored -out device.csr"],
    ["device.csr"],
  );
  const stack = await world.stack({
    files: { "device.csr": String(csr) },
    program: `
      const { readFileSync } = require("node:fs");
      const { CaCertificate, Device, DeviceCertificate } = require("pulumi-nrfcloud");
      const ca = new CaCertificate("ca", {
        subject: { commonName: "Acme CA", organization: "Acme", country: "NO" }, pathLength: 0, serialNumber: "0a1b2c",
      });
      const certificate = new DeviceCertificate("certificate", { deviceId: "own-1", ca });
      new Device("own-1", { deviceId: "own-1", credential: { certificate: certificate.certificate } });
      new Device("made-1", { deviceId: "made-1", credential: { ca } });
      new Device("csr-1", { deviceId: "csr-1", credential: { ca, csr: readFileSync("device.csr", "utf8") } });
    `,
  });
  succeeded(await stack.up());

  const ca = String(await stack.output("ca", "certificate"));
  const text = openssl(["x509", "-in", "ca.pem", "-noout", "-text"], { "ca.pem": ca });
  expect(text).toContain("CA:TRUE, pathlen:0");
  expect(text).toContain("Certificate Sign, CRL Sign");
  expect(text).toContain("Subject: C = NO, O = Acme, CN = Acme CA");
  expect(text).toContain("(0xa1b2c)");

  for (const [resource, deviceId] of [
    ["certificate", "own-1"],
    ["made-1", "made-1"],
    ["csr-1", "csr-1"],
  ] as const) {
    const certificate = String(await stack.output(resource, "certificate"));
    expect(
      openssl(["verify", "-CAfile", "ca.pem", "device.pem"], { "ca.pem": ca, "device.pem": certificate }),
    ).toContain("device.pem: OK");
    const { subject, publicKey } = new X509Certificate(certificate);
    expect(subject).toBe(`CN=${deviceId}`);
    const privateKey = await stack.output(resource, "privateKey");
    if (resource === "csr-1") expect(privateKey).toBeUndefined();
    else expect(createPublicKey(String(privateKey)).equals(publicKey)).toBe(true);
  }
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.destroy());
});

test("an existing CA is taken over from PEM or PKCS#12, and the preview finds a wrong key or password", async () => {
  const [key, certificate, p12, encrypted] = opensslMakes(
    [
      P256_KEY,
      "ec -in key.pem -aes128 -passout pass:hunter2-secret -out encrypted.pem",
      "req -x509 -new -key key.pem -subj /CN=Our-CA -days 400 -addext keyUsage=critical,keyCertSign,cRLSign -out ca.pem",
      "pkcs12 -export -inkey key.pem -in ca.pem -passout pass:hunter2-secret -out ca.p12",
    ],
    ["key.pem", "ca.pem", "ca.p12", "encrypted.pem"],
  );
  const fleet = (ca: string) =>
    `apiVersion: nrfcloud.dev/v1\nkind: Fleet\nca: ${ca}\ngroups:\n  lab: { devices: [d-1] }\n`;
  const stack = await world.stack({
    files: {
      "fleet.yaml": fleet("{ certificate: { file: ca.pem }, privateKey: { env: CA_KEY } }"),
      "ca.pem": String(certificate),
      "wrong.txt": "not-the-password\n",
      "right.txt": "\uFEFFhunter2-secret\r\n",
      "ca.b64": (p12 ?? Buffer.of()).toString("base64"),
    },
    env: {
      CA_KEY: String(key),
      CA_ENCRYPTED: String(encrypted),
      CA_P12: (p12 ?? Buffer.of()).toString("base64"),
    },
  });
  succeeded(await stack.up());
  const packed = String(await stack.output("fleet", "certificates"));
  const device = String(unpackCertificates(packed).get("d-1"));
  expect(
    openssl(["verify", "-CAfile", "ca.pem", "d.pem"], { "ca.pem": String(certificate), "d.pem": device }),
  ).toContain("OK");

  // The same CA from another container is the same CA.
  for (const container of [
    "pkcs12: { env: CA_P12 }",
    "certificate: { file: ca.pem }, privateKey: { env: CA_ENCRYPTED }",
  ]) {
    stack.write("fleet.yaml", fleet(`{ ${container}, password: { file: right.txt } }`));
    const same = await stack.preview();
    succeeded(same);
    expect(same.output).not.toMatch(/replace|create/);
  }

  stack.write("fleet.yaml", fleet("{ pkcs12: { env: CA_P12 }, password: { file: wrong.txt } }"));
  const wrong = await stack.preview();
  expect(wrong.code).not.toBe(0);
  expect(wrong.output).toMatch(/password/i);
  expect(wrong.output).not.toContain("not-the-password");
  expect(wrong.output).not.toMatch(/^\s+at .*\.js:\d+/m);
});
