import { createPublicKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
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

test("an existing CA is taken over from PEM or PKCS#12, and a key or password that is wrong shows in the preview", async () => {
  const [key, certificate, p12] = opensslMakes(
    [
      P256_KEY,
      "req -x509 -new -key key.pem -subj /CN=Our-CA -days 400 -addext keyUsage=critical,keyCertSign,cRLSign -out ca.pem",
      "pkcs12 -export -inkey key.pem -in ca.pem -passout pass:hunter2-secret -out ca.p12",
    ],
    ["key.pem", "ca.pem", "ca.p12"],
  );
  const fleet = (ca: string) =>
    `apiVersion: nrfcloud.dev/v1\nkind: Fleet\nca: ${ca}\ngroups:\n  lab: { devices: [d-1] }\n`;
  const stack = await world.stack({
    files: {
      "fleet.yaml": fleet("{ certificate: { file: ca.pem }, privateKey: { env: CA_KEY } }"),
      "ca.pem": String(certificate),
      "wrong.txt": "not-the-password\n",
      "right.txt": "hunter2-secret\n",
      "ca.b64": (p12 ?? Buffer.of()).toString("base64"),
    },
    env: { CA_KEY: String(key), CA_P12: (p12 ?? Buffer.of()).toString("base64") },
  });
  succeeded(await stack.up());
  const device = String(await stack.output("d-1", "certificate"));
  expect(
    openssl(["verify", "-CAfile", "ca.pem", "d.pem"], { "ca.pem": String(certificate), "d.pem": device }),
  ).toContain("OK");

  // The same CA from another container is the same CA.
  stack.write("fleet.yaml", fleet("{ pkcs12: { env: CA_P12 }, password: { file: right.txt } }"));
  const same = await stack.preview();
  succeeded(same);
  expect(same.output).not.toMatch(/replace|create/);

  stack.write("fleet.yaml", fleet("{ pkcs12: { env: CA_P12 }, password: { file: wrong.txt } }"));
  const wrong = await stack.preview();
  expect(wrong.code).not.toBe(0);
  expect(wrong.output).toMatch(/password/i);
  expect(wrong.output).not.toContain("not-the-password");
  expect(wrong.output).not.toMatch(/^\s+at .*\.js:\d+/m);
});

test("replacing a CA shows every certificate that it signed, and keeps the devices and their keys", async () => {
  const program = (commonName: string) => `
    const { CaCertificate, Device, DeviceCertificate } = require("pulumi-nrfcloud");
    const ca = new CaCertificate("ca", { subject: { commonName: "${commonName}" } });
    new DeviceCertificate("alone", { deviceId: "alone", ca });
    for (const id of ["d-1", "d-2"]) new Device(id, { deviceId: id, credential: { ca } });
  `;
  const stack = await world.stack({ program: program("First CA") });
  succeeded(await stack.up());
  const before = await world.devices();
  const key = await stack.output("d-1", "privateKey");

  stack.write("index.js", program("Second CA"));
  const preview = await stack.preview();
  expect(preview.output).toContain("CA First CA: will be replaced by one with a new key.");
  expect(preview.output).toMatch(/2 times: gets a new certificate for the key it has.*\(d-\d, d-\d\)/);
  expect(preview.output).toContain("alone: its certificate will be replaced because of ca");
  expect(await stack.plannedSteps()).toEqual(
    expect.arrayContaining(["replace ca", "replace alone", "update d-1", "update d-2"]),
  );

  succeeded(await stack.up());
  const after = await world.devices();
  expect(after.map(({ id }) => id)).toEqual(["d-1", "d-2"]);
  expect(after[0]?.certificate?.fingerprint).not.toBe(before[0]?.certificate?.fingerprint);
  expect(await stack.output("d-1", "privateKey")).toBe(key);
  const [ca, device] = [await stack.output("ca", "certificate"), await stack.output("d-1", "certificate")];
  expect(
    openssl(["verify", "-CAfile", "ca.pem", "d.pem"], { "ca.pem": String(ca), "d.pem": String(device) }),
  ).toContain("OK");
  succeeded(await stack.preview("--expect-no-changes"));
});

test("a CA near its end warns, and a certificate in its renewal window is issued anew for the same key", async () => {
  const program = (hours: number) => `
    const { CaCertificate, Device } = require("pulumi-nrfcloud");
    const ca = new CaCertificate("ca", { subject: { commonName: "Short CA" }, validityDays: 20 });
    new Device("d-1", { deviceId: "d-1", credential: { ca, validityDays: 10, earlyRenewalHours: ${hours} } });
  `;
  const stack = await world.stack({ program: program(0) });
  const up = await stack.up();
  expect(up.output).toMatch(/CA Short CA: expires at .* and should be renewed/);
  const [before] = await world.devices();
  const key = await stack.output("d-1", "privateKey");

  // All but the first second of the ten days are the renewal window now.
  stack.write("index.js", program(240 - 1 / 3600));
  const preview = await stack.preview();
  expect(preview.output).toContain("d-1: gets a new certificate for the key it has");
  succeeded(await stack.up());
  expect((await world.devices())[0]?.certificate?.fingerprint).not.toBe(before?.certificate?.fingerprint);
  expect(await stack.output("d-1", "privateKey")).toBe(key);
});

test("a target without its CA is told to name the CA too", async () => {
  const program = (ids: string) => `
    const { CaCertificate, Device } = require("pulumi-nrfcloud");
    const ca = new CaCertificate("ca", { subject: { commonName: "Test CA" } });
    for (const id of ${ids}) new Device(id, { deviceId: id, credential: { ca } });
  `;
  const stack = await world.stack({ program: program('["d-1"]') });
  await stack.up();
  stack.write("index.js", program('["d-1", "d-2"]'));
  const urn = "urn:pulumi:dev::test::pulumi-nodejs:dynamic/nrfcloud";
  const alone = await stack.up("--target", `${urn}:Device::d-2`);
  expect(alone.code).not.toBe(0);
  expect(alone.output).toContain("with --target, name the CaCertificate as a target too");
  expect(await world.devices()).toHaveLength(1);
  expect(
    await stack.up("--target", `${urn}:Device::d-2`, "--target", `${urn}:CaCertificate::ca`),
  ).toMatchObject({ code: 0 });
  expect(await world.devices()).toHaveLength(2);
});

test("rotation gives a device another key, in place", async () => {
  const program = (rotation: string) => `
    const { CaCertificate, Device } = require("pulumi-nrfcloud");
    const ca = new CaCertificate("ca", { subject: { commonName: "Test CA" } });
    new Device("d-1", { deviceId: "d-1", credential: { ca, rotation: "${rotation}" } });
  `;
  const stack = await world.stack({ program: program("1") });
  await stack.up();
  const key = await stack.output("d-1", "privateKey");
  stack.write("index.js", program("2"));
  expect((await stack.preview()).output).toContain("d-1: gets a new key and certificate");
  expect(await stack.plannedSteps()).toEqual(["update d-1"]);
  succeeded(await stack.up());
  expect(await stack.output("d-1", "privateKey")).not.toBe(key);
});

test("a public key is changed in place, and a change between key and certificate replaces the device", async () => {
  const [one, other] = ["one", "other"].map(
    () => opensslMakes([P256_KEY, "ec -in key.pem -pubout -out public.pem"], ["public.pem"])[0],
  );
  const program = (credential: string) => `
    const { readFileSync } = require("node:fs");
    const { CaCertificate, Device } = require("pulumi-nrfcloud");
    const ca = new CaCertificate("ca", { subject: { commonName: "Test CA" } });
    for (const id of ["k-1", "k-2"]) new Device(id, { deviceId: id, credential: ${credential} });
  `;
  const stack = await world.stack({
    program: program('{ publicKey: readFileSync(id + "-one.pem", "utf8") }'),
    files: {
      "k-1-one.pem": String(one),
      "k-2-one.pem": String(
        opensslMakes([P256_KEY, "ec -in key.pem -pubout -out public.pem"], ["public.pem"])[0],
      ),
      "other.pem": String(other),
    },
  });
  succeeded(await stack.up());
  stack.write(
    "index.js",
    program('{ publicKey: readFileSync(id === "k-1" ? "other.pem" : id + "-one.pem", "utf8") }'),
  );
  expect(await stack.plannedSteps()).toEqual(["update k-1"]);
  succeeded(await stack.up());
  succeeded(await stack.preview("--expect-no-changes"));

  stack.write("index.js", program("{ ca }"));
  expect((await stack.preview()).output).toMatch(
    /2 times: will be deleted and onboarded anew because of credential/,
  );
  succeeded(await stack.up());
  expect((await world.devices()).every(({ certificate }) => certificate !== undefined)).toBe(true);
});
