import { rmSync } from "node:fs";
import { createPublicKey, X509Certificate } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import * as finding from "../../../provider/reconcile/plan/finding.js";
import { createCa } from "../../../provider/pki/ca.js";
import { createSigner } from "../../support/deviceSigner.js";
import { useAccount } from "../../support/account.js";
import { credentialsFor, csrs, fingerprintOf } from "../../support/credentials.js";
import { fleetCa, onboardByHand, StackOfSet, type Rows } from "../../support/deviceSet.js";

const account = useAccount();

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  rmSync(account.journalFolder, { recursive: true, force: true });
  stack = new StackOfSet(account);
});

const device = async (id = "lab-1") => (await account.devices()).get(id);
const fingerprint = async (id = "lab-1") => (await device(id))?.certificate?.fingerprint;
const one = (row: Rows[string]): Rows => ({ "lab-1": row });
const own = credentialsFor("lab-1");
const [request, otherRequest] = csrs();

async function nothingToDo(rows: Rows): Promise<void> {
  expect((await stack.preview(rows)).step).toBe("same");
  await stack.refresh();
  expect((await stack.preview(rows)).step).toBe("same");
}

describe("a credential that the device brings", () => {
  it("is its certificate: it is registered, and the state does not keep it", async () => {
    const rows = one({ credential: { certificate: own.certificate[0] } });
    await stack.up(rows);
    expect(await fingerprint()).toBe(fingerprintOf(own.certificate[0]));
    expect(stack.certificates.size + stack.keys.size).toBe(0);
    expect(stack.lines["lab-1"]).toMatch(/^certificate=[0-9a-f]{32}$/);
    await nothingToDo(rows);
    const next = one({ credential: { certificate: own.certificate[1] } });
    expect((await stack.preview(next)).told).toContain(
      "~ 1 device will get another certificate or key: lab-1",
    );
    await stack.up(next);
    expect(await fingerprint()).toBe(fingerprintOf(own.certificate[1]));
    await nothingToDo(next);
  });

  it("is its public key", async () => {
    const rows = one({ credential: { publicKey: own.publicKey[0] } });
    await stack.up(rows);
    const spki = createPublicKey(own.publicKey[0]).export({ type: "spki", format: "der" }).toString("base64");
    expect((await device())?.publicKey).toBe(spki);
    expect((await device())?.certificate).toBeUndefined();
    await nothingToDo(rows);
    await stack.up(one({ credential: { publicKey: own.publicKey[1] } }));
    expect((await device())?.publicKey).not.toBe(spki);
    await nothingToDo(one({ credential: { publicKey: own.publicKey[1] } }));
  });

  it("is its request: the CA signs it, the certificate is kept, the key never leaves the device", async () => {
    const rows = one({ credential: { csr: request } });
    await stack.up(rows);
    const pem = stack.certificates.get("lab-1") ?? "";
    expect(await fingerprint()).toBe(fingerprintOf(pem));
    const certificate = new X509Certificate(pem);
    expect(certificate.subject).toBe("CN=lab-1");
    expect(certificate.checkIssued(new X509Certificate(stack.ca.certificatePem))).toBe(true);
    expect(stack.keys.size).toBe(0);
    await nothingToDo(rows);
    const before = await fingerprint();
    await stack.up(one({ credential: { csr: otherRequest } }));
    expect(await fingerprint()).not.toBe(before);
  });

  it("is signed once more for another rotation or CA, but not because the same key asked again", async () => {
    await stack.up(one({ credential: { csr: request } }));
    const first = await fingerprint();
    await stack.up(one({ credential: { csr: request }, rotation: { generation: 2 } }));
    const second = await fingerprint();
    expect(second).not.toBe(first);
    stack.ca = fleetCa("Next CA");
    await stack.up(one({ credential: { csr: request }, rotation: { generation: 2 } }));
    expect(await fingerprint()).not.toBe(second);
    await nothingToDo(one({ credential: { csr: request }, rotation: { generation: 2 } }));
  });

  it("replaces an issued one, and back", async () => {
    await stack.up(one({}));
    await stack.up(one({ credential: { certificate: own.certificate[0] } }));
    expect(await fingerprint()).toBe(fingerprintOf(own.certificate[0]));
    expect(stack.keys.size).toBe(0);
    await stack.up(one({}));
    await stack.requireKeys("lab-1");
    await nothingToDo(one({}));
  });

  it("from a certificate to a key and back is a replacement, as nRF Cloud can't change it", async () => {
    await stack.up(one({}));
    const before = await device();
    const { told } = await stack.preview(one({ credential: { publicKey: own.publicKey[0] } }));
    expect(told).toContain(
      "-/+ 1 device will be deleted and onboarded again, because credential changes: lab-1",
    );
    await stack.up(one({ credential: { publicKey: own.publicKey[0] } }));
    expect((await device())?.createdAt).not.toBe(before?.createdAt);
    await stack.up(one({}));
    await stack.requireKeys("lab-1");
  });

  it.each<[string, () => Rows[string], string]>([
    [
      "a certificate of another device",
      () => ({ credential: { certificate: credentialsFor("lab-2").before } }),
      "not lab-1",
    ],
    ["a certificate that has expired", () => ({ credential: { certificate: expired() } }), "expired"],
    [
      "a request of which a bit was changed",
      () => ({ credential: { csr: tampered(request) } }),
      "The signature of the CSR is wrong",
    ],
  ])("that can't work is refused before anything is asked: %s", async (_, row, problem) => {
    await expect(stack.preview(one(row()))).rejects.toThrow(problem);
    await expect(stack.up(one(row()))).rejects.toThrow(problem);
    expect((await account.devices()).size).toBe(0);
  });

  it("is bad for many: each is named, once", async () => {
    const bad: Rows = Object.fromEntries(
      Array.from({ length: 3 }, (_, i) => [
        `lab-${i + 1}`,
        { credential: { certificate: credentialsFor("somebody").before } },
      ]),
    );
    const refusal = stack.preview(bad);
    await expect(refusal).rejects.toThrow("lab-1");
    await expect(refusal).rejects.toThrow("lab-3");
  });
});

describe("a set without a CA", () => {
  it("can't issue certificates, and says so for the devices that need one", async () => {
    const bare = { caCertificate: undefined, caPrivateKey: undefined };
    await expect(stack.up(one({}), bare)).rejects.toThrow("has no CA to sign certificates");
    expect((await account.devices()).size).toBe(0);
    await stack.up(one({ credential: { certificate: own.certificate[0] } }), bare);
    expect(await fingerprint()).toBe(fingerprintOf(own.certificate[0]));
  });
});

describe("a device that the account has already", () => {
  const declared = (row: Rows[string]): Rows => ({ "lab-1": row, "lab-2": {} });
  beforeEach(() => onboardByHand(account, ["lab-1"]));

  it("is refused in the preview, and with it the whole run", async () => {
    const before = await device();
    await expect(stack.preview(declared({}))).rejects.toThrow(`1 device (lab-1): ${finding.TAKEN}`);
    await expect(stack.up(declared({}))).rejects.toThrow(finding.TAKEN);
    expect(await device()).toEqual(before);
    expect((await account.devices()).size).toBe(1);
  });

  it("is adopted with the certificate and the name it has, and gets the tags that are declared", async () => {
    await account.admin("PATCH", "/devices/lab-1", { name: "Kitchen" });
    const before = await device();
    const rows = declared({ adopt: true, tags: ["ours"] });
    expect((await stack.preview(rows)).told).toContain(finding.ADOPTED);
    await stack.up(rows);
    expect(await device()).toMatchObject({
      name: "Kitchen",
      tags: ["ours"],
      certificate: before?.certificate,
    });
    expect(stack.keys.has("lab-1")).toBe(false);
    await stack.requireKeys("lab-2");
    await nothingToDo(rows);
    stack.ca = fleetCa("Next CA");
    await stack.up(rows);
    expect((await device())?.certificate).toEqual(before?.certificate);
    await stack.up(declared({ adopt: true, name: "Mine" }));
    expect(await device()).toMatchObject({ name: "Mine", tags: [] });
  });

  it("gets a new certificate where that is declared, at once or later", async () => {
    const before = await fingerprint();
    await stack.up(declared({ adopt: true }));
    await stack.up(declared({ adopt: "recertify" }));
    expect(await fingerprint()).not.toBe(before);
    await stack.requireKeys("lab-1", "lab-2");
    await nothingToDo(declared({ adopt: "recertify" }));
  });

  it("keeps the certificate that an interrupted run registered", async () => {
    const theirs = await fingerprint();
    await stack.upAndLoseState(declared({ adopt: "recertify" }));
    const made = await fingerprint();
    expect(made).not.toBe(theirs);
    await stack.up(declared({ adopt: "recertify" }));
    expect(await fingerprint()).toBe(made);
    await stack.requireKeys("lab-1", "lab-2");
    await nothingToDo(declared({ adopt: "recertify" }));
  });

  it("is reported where it has another certificate than the declared one", async () => {
    const before = await fingerprint();
    const rows = declared({ adopt: true, credential: { certificate: own.certificate[0] } });
    expect((await stack.preview(rows)).told).toContain(finding.ADOPTED_OTHER);
    await stack.up(rows);
    expect(await fingerprint()).toBe(before);
    await nothingToDo(rows);
    await stack.up(declared({ adopt: "recertify", credential: { certificate: own.certificate[0] } }));
    expect(await fingerprint()).toBe(fingerprintOf(own.certificate[0]));
  });

  it("can't be adopted with another sub-type, as the preview says", async () => {
    const rows = declared({ adopt: true, subType: "tracker" });
    await expect(stack.preview(rows)).rejects.toThrow("can't adopt these devices: their sub-type is");
    await expect(stack.up(rows)).rejects.toThrow("can't adopt these devices");
    expect((await account.devices()).size).toBe(1);
  });

  it("can be adopted without any credential; a missing one is refused", async () => {
    const rows = one({ adopt: true, credential: "existing" });
    await stack.up(rows);
    await nothingToDo(rows);
    const missing: Rows = { "lab-9": { adopt: true, credential: "existing" } };
    await expect(stack.preview({ ...rows, ...missing })).rejects.toThrow(
      `1 device (lab-9): ${finding.NOT_THERE}`,
    );
  });
});

function expired(): string {
  const ca = createCa({
    subject: { commonName: "Old CA" },
    validity: { notBefore: new Date("2019-01-01"), days: 9000 },
  });
  return createSigner(ca).sign({
    commonName: "lab-1",
    publicKeyPem: own.publicKey[0],
    validity: { notBefore: new Date("2020-01-01"), days: 1 },
  }).certificatePem;
}

/** One byte within the signature is another. */
function tampered(csr: string): string {
  const lines = csr.trim().split("\n");
  const last = lines.length - 2;
  const line = lines[last] ?? "";
  lines[last] = `${line.startsWith("A") ? "B" : "A"}${line.slice(1)}`;
  return `${lines.join("\n")}\n`;
}
