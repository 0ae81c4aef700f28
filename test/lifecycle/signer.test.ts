import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { caCertificate } from "../../provider/lifecycle/caCertificate.js";
import { deviceCertificate } from "../../provider/lifecycle/deviceCertificate.js";
import { createCa } from "../../provider/pki/ca.js";
import { useAccount } from "../support/account.js";
import { asTakeOver } from "../support/credentials.js";
import { fleetCa, StackOfSet } from "../support/deviceSet.js";
import { openssl, opensslMakes } from "../support/openssl.js";
import { LoneResource, PartlyFailed, Refused } from "../support/resource.js";

const account = useAccount();
const folder = mkdtempSync(path.join(tmpdir(), "signer-"));
const ca = fleetCa("Signer CA");
const key = write("ca.key", ca.privateKeyPem);
const OPENSSL = path.resolve(__dirname, "../../examples/signer/openssl.sh");
const signer = { command: [OPENSSL, key] };
const outside = { caPrivateKey: undefined, caSigner: signer };
/** What a signer has signed for before it dies. */
const dying = (after: number) => ({
  command: [
    script(
      "dying.sh",
      `i=0; while [ $i -lt ${after} ] && read -r line; do printf '%s\\n' "$line" | ${OPENSSL} ${key}; i=$((i+1)); done; echo "the quota is used up" >&2; exit 7`,
    ),
  ],
  inFlight: 1,
});

beforeEach(async () => {
  await account.admin("POST", "/reset");
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

function script(name: string, body: string): string {
  const file = write(name, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o700);
  return file;
}

it("a set issues certificates by openssl as its signer, and no key of the CA is in its state", async () => {
  const stack = new StackOfSet(account, { ca });
  const rows = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`lab-${i}`, {}]));
  expect(await stack.up(rows, outside)).toBe("create");
  expect([...(await account.devices()).keys()].sort()).toEqual(Object.keys(rows).sort());
  for (const pem of stack.certificates.values())
    expect(new X509Certificate(pem).verify(new X509Certificate(ca.certificatePem).publicKey)).toBe(true);
  const secret = createPrivateKey(ca.privateKeyPem).export({ format: "jwk" }).d ?? "no key";
  const state = JSON.stringify(stack.outputs);
  expect(state).toContain("openssl.sh");
  expect(state).not.toContain("caPrivateKey");
  for (const form of [
    secret,
    Buffer.from(secret, "base64url").toString("base64"),
    ca.privateKeyPem.split("\n")[1] ?? "",
  ])
    expect(state).not.toContain(form);
  // Another description of the signer touches no device.
  const before = await account.devices();
  expect(await stack.preview(rows, { ...outside, caSigner: { ...signer, inFlight: 2 } })).toMatchObject({
    step: "update",
    told: "",
  });
  await stack.up(rows, { ...outside, caSigner: { ...signer, inFlight: 2 } });
  expect(await account.devices()).toEqual(before);
  expect(await stack.up(rows, { ...outside, caSigner: { ...signer, inFlight: 2 } })).toBe("same");
});

it("from a key in the state to a signer, devices keep their certificates, and the key leaves the state", async () => {
  const stack = new StackOfSet(account, { ca });
  await stack.up({ "lab-1": {} });
  const certificates = new Map(stack.certificates);
  expect(stack.outputs.caPrivateKey).toBe(ca.privateKeyPem);
  expect(await stack.up({ "lab-1": {} }, outside)).toBe("update");
  expect(stack.outputs.caPrivateKey).toBeUndefined();
  expect(stack.certificates).toEqual(certificates);
});

it("a signer with another key, or none that works, onboards, replaces and deletes nothing", async () => {
  const stack = new StackOfSet(account, { ca });
  await stack.up({ "lab-1": { subType: "one" } }, outside);
  const before = await account.devices();
  const other = write("other.key", fleetCa("Other").privateKeyPem);
  const rows = { "lab-1": { subType: "two" }, "lab-2": {} };
  for (const [description, words] of [
    [{ command: [OPENSSL, other] }, "signed with another key than that of the CA certificate"],
    [{ command: [OPENSSL, "no-such.key"] }, "ended with exit code 1 before it had answered a request"],
    [{ command: ["cat"] }, "which is not a signature in DER"],
  ] as const) {
    await expect(stack.up(rows, { ...outside, caSigner: description })).rejects.toThrow(words);
    expect(await account.devices()).toEqual(before);
  }
  await stack.up(rows, outside);
  expect((await account.devices()).get("lab-1")?.subType).toBe("two");
});

it("a signer that dies in the middle leaves what it signed, deletes nothing for what it did not, and the next run does the rest", async () => {
  const stack = new StackOfSet(account, { ca });
  await stack.up({ "lab-1": { subType: "one" }, "lab-2": { subType: "one" } }, outside);
  const rows = { "lab-1": { subType: "two" }, "lab-2": { subType: "two" }, "lab-3": {}, "lab-4": {} };
  // One signature is the test, one is for the first replacement.
  const failure: unknown = await stack
    .up(rows, { ...outside, caSigner: dying(2) })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(PartlyFailed);
  expect(String(failure)).toContain("ended with exit code 7");
  expect(String(failure)).toContain("It wrote: the quota is used up");
  const devices = await account.devices();
  expect(devices.get("lab-1")?.subType).toBe("two");
  expect(devices.get("lab-2")?.subType).toBe("one");
  expect([...devices.keys()].sort()).toEqual(["lab-1", "lab-2"]);
  await stack.up(rows, outside);
  expect([...(await account.devices()).keys()].sort()).toEqual(["lab-1", "lab-2", "lab-3", "lab-4"]);
  await stack.requireKeys("lab-1", "lab-2", "lab-3", "lab-4");
});

it("a preview reports what will fail, and signs nothing", async () => {
  const stack = new StackOfSet(account, { ca });
  const marker = path.join(folder, "was-started");
  const starts = { command: [script("starts.sh", `touch ${marker}; exec ${OPENSSL} ${key}`)] };
  await stack.preview({ "lab-1": {} }, { ...outside, caSigner: starts });
  expect(existsSync(marker)).toBe(false);
  const refused = async (caSigner: object) => {
    try {
      await stack.preview({ "lab-1": {} }, { ...outside, caSigner });
      return "";
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(Refused);
      return String(thrown);
    }
  };
  expect(await refused({ command: ["./no-such-signer"] })).toContain(
    'The signer "./no-such-signer" can\'t be started: this machine has no such program.',
  );
  expect(await refused({ command: ["no-such-signer"] })).toContain("this machine has no such program");
  expect(await refused({ pkcs11: { uri: "pkcs11:token=t;object=ca", module: "./no-such.so" } })).toContain(
    'this machine has no PKCS#11 library "./no-such.so"',
  );
  expect(await refused({ pkcs11: { uri: "pkcs11:token=t;object=ca?pin-value=1234", module: "x" } })).toMatch(
    /^(?!.*1234).*must not hold a PIN/s,
  );
  await stack.up({ "lab-1": {} }, { ...outside, caSigner: starts });
  expect(existsSync(marker)).toBe(true);
  // Where nothing is signed, a machine without the signer can still preview.
  expect(await refused({ command: ["./no-such-signer"] })).toBe("");
});

it("a CA has a signer in place of a key, and changes from one to the other in place", async () => {
  const resource = new LoneResource(caCertificate, account.alone);
  await resource.up(asTakeOver(ca));
  const { id } = resource;
  expect(resource.outputs.privateKey).toBe(ca.privateKeyPem);
  const declared = { certificate: ca.certificatePem, signer };
  expect(await resource.up(declared)).toBe("update");
  expect(resource.id).toBe(id);
  expect(resource.outputs).toMatchObject({ certificate: ca.certificatePem, signer });
  expect(JSON.stringify(resource.backup)).not.toContain("PRIVATE KEY");
  expect(await resource.up(declared)).toBe("same");
  expect(await resource.up({ ...declared, signer: { command: ["another"] } })).toBe("update");
  expect(resource.outputs.signer).toEqual({ command: ["another"] });
  expect(await resource.up(asTakeOver(ca))).toBe("update");
  expect(resource.outputs.privateKey).toBe(ca.privateKeyPem);
  expect(resource.outputs.signer).toBeUndefined();
  expect(await resource.plan({ certificate: fleetCa("Another").certificatePem, signer })).toEqual({
    step: "replace",
    because: ["certificate"],
  });
});

it("a CA that can't sign is refused with its signer in the preview", async () => {
  const resource = new LoneResource(caCertificate, account.alone);
  const refusal = async (inputs: object) => resource.plan({ signer, ...inputs }).then(() => "", String);
  const old = createCa({
    subject: { commonName: "Old" },
    validity: { notBefore: new Date("2020-01-01"), days: 10 },
  }).certificatePem;
  expect(await refusal({ certificate: old })).toContain("certificate: the CA expired at 2020-01-11");
  const [leaf, rsa] = opensslMakes(
    [
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -subj /CN=leaf -addext basicConstraints=critical,CA:FALSE -days 9 -out leaf.pem",
      "req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -subj /CN=rsa -days 9 -out rsa.pem",
    ],
    ["leaf.pem", "rsa.pem"],
  ).map(String);
  expect(await refusal({ certificate: leaf })).toContain("not a CA");
  expect(await refusal({ certificate: rsa })).toContain("an RSA key of 2048 bits");
  expect(
    await refusal({ certificate: ca.certificatePem, takeOver: { certificate: "x", privateKey: "y" } }),
  ).toContain("give only one of the two");
});

it("an intermediate CA keeps its chain for the user, in order, and nRF Cloud is never sent it", async () => {
  const [rootPem, upperPem, lowerPem, lowerKey] = opensslMakes(
    [
      "req -x509 -newkey rsa:2048 -nodes -keyout root.key -subj /CN=root -days 900 -out root.pem",
      "req -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout upper.key -subj /CN=upper -addext basicConstraints=critical,CA:TRUE -out upper.csr",
      "x509 -req -in upper.csr -CA root.pem -CAkey root.key -copy_extensions copyall -days 800 -out upper.pem",
      "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout lower.key -subj /CN=lower -addext basicConstraints=critical,CA:TRUE -out lower.csr",
      "x509 -req -in lower.csr -CA upper.pem -CAkey upper.key -copy_extensions copyall -days 700 -out lower.pem",
    ],
    ["root.pem", "upper.pem", "lower.pem", "lower.key"],
  ).map(String) as [string, string, string, string];
  const lower = { certificatePem: lowerPem, privateKeyPem: lowerKey };
  const chain = `${rootPem}\n${lowerPem}\nsome words\n${upperPem}`;
  const lowerSigner = { command: [OPENSSL, write("lower.key", lowerKey)] };
  const resource = new LoneResource(caCertificate, account.alone);
  await resource.up({ certificate: lowerPem, signer: lowerSigner, chain });
  expect(resource.outputs.chain).toBe(`${upperPem}${rootPem}`);
  expect(
    await resource.up({ certificate: lowerPem, signer: lowerSigner, chain: `${rootPem}${upperPem}` }),
  ).toBe("same");
  expect(await resource.up({ takeOver: { certificate: lowerPem, privateKey: lowerKey }, chain })).toBe(
    "update",
  );
  expect(resource.outputs.chain).toBe(`${upperPem}${rootPem}`);
  expect(await resource.up({ takeOver: { certificate: lowerPem, privateKey: lowerKey } })).toBe("update");
  expect(resource.outputs.chain).toBeUndefined();
  const broken = resource.plan({ certificate: lowerPem, signer: lowerSigner, chain: ca.certificatePem });
  await expect(broken).rejects.toThrow(
    'The chain has certificates that did not sign the one below, "CN=lower": "CN=Signer CA"',
  );

  const stack = new StackOfSet(account, { ca: { ...ca, ...lower } });
  await stack.up({ "lab-1": {} }, { ...outside, caSigner: lowerSigner });
  const verified = openssl(["verify", "-CAfile", "root.pem", "-untrusted", "above.pem", "device.pem"], {
    "root.pem": rootPem,
    "above.pem": `${upperPem}${lowerPem}`,
    "device.pem": stack.certificates.get("lab-1") ?? "",
  });
  expect(verified).toBe("device.pem: OK\n");
});

it("a separate device certificate is signed outside too", async () => {
  const resource = new LoneResource(deviceCertificate, account.alone);
  const inputs = { deviceId: "lamp-1", caCertificate: ca.certificatePem, caSigner: signer };
  await resource.up(inputs);
  expect(
    new X509Certificate(String(resource.outputs.certificate)).verify(
      new X509Certificate(ca.certificatePem).publicKey,
    ),
  ).toBe(true);
  expect(await resource.up({ ...inputs, caSigner: { ...signer, timeout: 5 } })).toBe("same");
  expect(readFileSync(key, "utf8")).toBe(ca.privateKeyPem);
});
