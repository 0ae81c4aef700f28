import { rmSync } from "node:fs";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createSigner } from "../../support/deviceSigner.js";
import type { Phase } from "../../../provider/fleet/rotation.js";
import { generateKeyPair } from "../../../provider/pki/keys.js";
import { useAccount } from "../../support/account.js";
import { csrs } from "../../support/credentials.js";
import { fleetCa, StackOfSet, type Rows } from "../../support/deviceSet.js";
import { openssl } from "../../support/openssl.js";
import { Refused } from "../../support/resource.js";

const account = useAccount();
const DAY_MS = 86_400_000;

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  rmSync(account.journalFolder, { recursive: true, force: true });
  stack = new StackOfSet(account);
});

/** Time passes for this machine in one test. */
function later(days: number): void {
  account.later(days * DAY_MS);
  onTestFinished(() => {
    account.later(-days * DAY_MS);
  });
}

function bring(id: string, { days = 300, key = generateKeyPair().publicKeyPem } = {}): string {
  return createSigner(fleetCa("Factory CA")).sign({
    commonName: id,
    publicKeyPem: key,
    validity: { notBefore: new Date(), days },
  }).certificatePem;
}

/** A preview and an `up` refuse the same, and nothing is changed. */
async function refused(rows: Parameters<StackOfSet["up"]>[0], more: object, reason: RegExp): Promise<void> {
  const before = stack.backup;
  await expect(stack.preview(rows, { ...more })).rejects.toThrow(reason);
  await expect(stack.up(rows, { ...more })).rejects.toThrow(reason);
  expect(stack.backup).toBe(before);
}

describe("maxValidity", () => {
  it("refuses a longer declared validity and a longer certificate, and accepts shorter ones", async () => {
    const more = { policy: "maxValidity=2y" };
    await refused({ "lab-1": {} }, more, /valid for 3650 days, and the policy allows 2y.*730 or less/);
    expect((await account.devices()).size).toBe(0);
    await stack.up({ "lab-1": {} }, { ...more, validityDays: 730 });
    const rows = { "lab-1": {}, own: { credential: { certificate: bring("own", { days: 800 }) } } };
    await refused(
      rows,
      { ...more, validityDays: 730 },
      /1 device \(own\): .*valid for longer than the policy/,
    );
    await stack.up(
      { "lab-1": {}, own: { credential: { certificate: bring("own") } } },
      { ...more, validityDays: 730 },
    );
  });

  it("asks for nothing where the CA signs nothing", async () => {
    await stack.up({ own: { credential: { certificate: bring("own") } } }, { policy: "maxValidity=2y" });
    expect([...(await account.devices()).keys()]).toEqual(["own"]);
  });

  it("refuses to activate a certificate that was kept and is longer, until a shorter one is issued in its place", async () => {
    const rows = (generation: number, phase: Phase = "activate"): Rows => ({
      "lab-1": { rotation: { generation, phase } },
    });
    const more = { policy: "maxValidity=2y", validityDays: 365 };
    await stack.up(rows(1));
    await stack.up(rows(2, "issue"));
    await stack.preview(rows(2, "issue"), more);
    await refused(
      rows(2),
      more,
      /1 device \(lab-1\): The kept certificates .*longer than the policy allows \(2y\)/,
    );
    await stack.up(rows(3, "issue"), more);
    await stack.up(rows(3), more);
    expect(stack.failed).toEqual({});

    // It was activated before there was a policy.
    await stack.destroy();
    stack = new StackOfSet(account);
    await stack.up(rows(1));
    await stack.up(rows(2, "issue"));
    await stack.up(rows(2), { validityDays: 365 });
    await refused(rows(2), more, /1 device \(lab-1\): The kept certificates/);
    await stack.up(rows(3, "issue"), more);
    await stack.up(rows(3), more);
    expect((await stack.preview(rows(3), more)).step).toBe("same");
  });

  it("is satisfied by the shorter certificates of the same run", async () => {
    await stack.up({ "lab-1": {} });
    await stack.up({ "lab-1": {} }, { policy: "maxValidity=2y", validityDays: 365 });
    expect(stack.failed).toEqual({});
  });
});

describe("minRemaining", () => {
  it("refuses certificates that end sooner, until they are renewed", async () => {
    const policy = "minRemaining=90d";
    const rows = { "lab-1": {}, own: { credential: { certificate: bring("own", { days: 200 }) } } };
    await stack.up(rows, { policy, validityDays: 300 });
    expect(await stack.preview(rows, { policy, validityDays: 300 })).toMatchObject({ step: "same" });
    later(220);
    await refused(rows, { policy, validityDays: 300 }, /1 device \(lab-1\): .*less than 90d left/);
    await refused(rows, { policy, validityDays: 300 }, /1 device \(own\): .*bring have less than 90d left/);
    const renewed = { ...rows, own: { credential: { certificate: bring("own", { days: 900 }) } } };
    await stack.up(renewed, { policy, validityDays: 300, earlyRenewalHours: 2160 });
    expect((await stack.preview(renewed, { policy, validityDays: 300, earlyRenewalHours: 2160 })).step).toBe(
      "same",
    );
  });

  it("is of the CA too, and of the declared validity", async () => {
    await refused({ "lab-1": {} }, { policy: "minRemaining=90d", validityDays: 30 }, /Declare a longer/);
    stack.ca = fleetCa("Old CA", 80);
    await refused({ "lab-1": {} }, { policy: "minRemaining=90d" }, /The CA ends at .*wants 90d to be left/);
  });

  it("allows a rotation in two phases that begins too late", async () => {
    const policy = "minRemaining=90d";
    const more = { policy, validityDays: 300 };
    const rows = (generation: number, phase: Phase = "activate"): Rows => ({
      "lab-1": { rotation: { generation, phase } },
      "lab-2": { rotation: { generation, phase } },
    });
    await stack.up(rows(1), more);
    later(220);
    await refused(rows(1), more, /2 devices .*less than 90d left.*later generation.*`phase: issue` first/);
    const remark =
      /2 devices \(lab-\{1\.\.2\}\): .*less than 90d left.* The first ends at \d{4}-.*activate these/;
    expect((await stack.preview(rows(2, "issue"), more)).told).toMatch(remark);
    await stack.up(rows(2, "issue"), more);
    expect(await stack.preview(rows(2, "issue"), more)).toMatchObject({
      step: "same",
      told: expect.stringMatching(remark) as string,
    });
    // Other changes are possible meanwhile, and one device is activated before the other.
    const some = { "lab-1": { rotation: { generation: 2 } }, "lab-2": rows(2, "issue")["lab-2"] ?? {} };
    const { told } = await stack.preview(some, more);
    expect(told).toMatch(/1 device \(lab-2\): .*The first ends at/);
    await stack.up(some, more);
    await stack.up(rows(2), more);
    expect((await stack.preview(rows(2), more)).told).toBe("");
    // Too late for the next one too.
    later(220);
    await refused(rows(2), more, /less than 90d left/);
    await stack.up(rows(3, "issue"), more);
    later(220);
    await refused(rows(3, "issue"), more, /2 devices .*less than 90d left.*later generation/);
    await stack.up(rows(4, "issue"), more);
    await stack.up(rows(4), more);
    expect(stack.failed).toEqual({});
  });

  it("does not apply to removed rows, nor to rows that were not chosen", async () => {
    const policy = "minRemaining=90d";
    await stack.up({ "lab-1": {}, "lab-2": {} }, { policy, validityDays: 100 });
    later(50);
    await refused(
      { "lab-1": {}, "lab-2": {} },
      { policy, validityDays: 100 },
      /2 devices \(lab-\{1\.\.2\}\)/,
    );
    const rotated = { "lab-1": { rotation: { generation: 2 } }, "lab-2": {} };
    await stack.up(rotated, { policy, validityDays: 100, only: "lab-1" });
    await stack.destroy();
    expect((await account.devices()).size).toBe(0);
  });
});

describe("keyReuse=false", () => {
  const policy = "keyReuse=false";

  it("refuses two devices with one key, whatever brings it", async () => {
    const key = generateKeyPair().publicKeyPem;
    const rows = {
      "lab-1": {},
      "own-1": { credential: { certificate: bring("own-1", { key }) } },
      "own-2": { credential: { publicKey: key } },
      "own-3": { credential: { certificate: bring("own-3") } },
    };
    await refused(rows, { policy }, /2 devices \(own-\{1\.\.2\}\): .*the same public key/);
    await stack.up({ ...rows, "own-2": {} }, { policy });
  });

  it("refuses the key that was generated for another device", async () => {
    await stack.up({ "lab-1": {} }, { policy });
    const publicKey = openssl(["x509", "-in", "device.pem", "-noout", "-pubkey"], {
      "device.pem": stack.certificates.get("lab-1") ?? "",
    });
    await refused(
      { "lab-1": {}, "own-1": { credential: { publicKey } } },
      { policy },
      /2 devices \(lab-1, own-1\): .*the same public key/,
    );
  });

  it("refuses a renewal for the same key, and takes one by rotation", async () => {
    await refused({ "lab-1": {} }, { policy, earlyRenewalHours: 24 }, /renews certificates for the same key/);
    const [csr, other] = csrs();
    await stack.up({ "lab-1": {}, "lab-2": { credential: { csr } } }, { policy });
    const shorter = { policy, validityDays: 365 };
    await refused(
      { "lab-1": {}, "lab-2": { credential: { csr } } },
      shorter,
      /2 devices \(lab-\{1\.\.2\}\): .*for the keys that they have/,
    );
    await stack.up(
      { "lab-1": { rotation: { generation: 2 } }, "lab-2": { credential: { csr: other } } },
      shorter,
    );
    expect(stack.failed).toEqual({});
  });

  it("refuses a CSR with the key that the device has in the first phase of a rotation, and what was issued before the policy", async () => {
    const [csr, other] = csrs();
    const rows = (generation: number, request: string | undefined, phase: Phase): Rows => ({
      "lab-2": { credential: { csr: request ?? "" }, rotation: { generation, phase } },
    });
    await stack.up(rows(1, csr, "activate"), { policy });
    await refused(rows(2, csr, "issue"), { policy }, /1 device \(lab-2\): .*for the keys that they have/);
    await refused(rows(2, csr, "activate"), { policy }, /1 device \(lab-2\): .*for the keys that they have/);
    const before = stack.backup;
    await stack.up(rows(2, csr, "issue"));
    await refused(rows(2, csr, "activate"), { policy }, /1 device \(lab-2\): .*for the keys that they have/);
    stack.backup = before;
    await stack.up(rows(2, other, "issue"), { policy });
    await stack.up(rows(2, other, "activate"), { policy });
    expect(stack.failed).toEqual({});
  });

  it("refuses another certificate for the key that a device brought before", async () => {
    const key = generateKeyPair().publicKeyPem;
    const first = { "own-1": { credential: { certificate: bring("own-1", { key }) } } };
    await stack.up(first, { policy });
    expect((await stack.preview(first, { policy })).step).toBe("same");
    const again = { "own-1": { credential: { certificate: bring("own-1", { key, days: 400 }) } } };
    await refused(again, { policy }, /1 device \(own-1\): .*for the keys that they have/);
    await stack.up({ "own-1": { credential: { certificate: bring("own-1") } } }, { policy });
  });
});

it("a preview without an API key refuses what the policy refuses", async () => {
  stack.env = { NRF_CLOUD_API_KEY: "" };
  await expect(stack.preview({ "lab-1": {} }, { policy: "maxValidity=2y" })).rejects.toThrow(
    /the policy allows 2y/,
  );
});

it("a policy that can't be read is refused as an input", async () => {
  await expect(stack.preview({ "lab-1": {} }, { policy: "maxValidity=long" })).rejects.toThrow(Refused);
});
