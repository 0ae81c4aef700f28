import { X509Certificate } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { LooseObject } from "../../provider/engine/outputs.js";
import { device } from "../../provider/lifecycle/device.js";
import type { CertificateAuthority } from "../../provider/pki/ca.js";
import * as say from "../../provider/reconcile/plan/finding.js";
import { useAccount } from "../support/account.js";
import { fleetCa, newJournalKey } from "../support/deviceSet.js";
import { Resource } from "../support/resource.js";

/** The rotation of a CA, of a device that is a resource of its own. */

const account = useAccount();
const [old, next] = [fleetCa("Old CA"), fleetCa("Next CA")];
/** Stands for what a preview does not know. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let lamp: Resource<never, never, never>;
let more: LooseObject;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  lamp = new Resource(device, account.hosted) as unknown as Resource<never, never, never>;
  more = { journalKey: newJournalKey() };
});

const of = (ca: CertificateAuthority, role = "ca") => ({
  [`${role}Certificate`]: ca.certificatePem,
  [`${role}PrivateKey`]: ca.privateKeyPem,
});
const both = { ...of(old), ...of(next, "nextCa") };

function declared(cas: LooseObject, generation: number, phase = "activate"): LooseObject {
  return {
    deviceId: "lamp-1",
    stack: "dev",
    credential: {},
    rotation: { generation, phase },
    ...cas,
    ...more,
  };
}

async function up(inputs: LooseObject) {
  account.newRun();
  lamp.newRun();
  return lamp.up(inputs);
}

async function preview(inputs: LooseObject) {
  account.newRun();
  lamp.newRun();
  const { step } = await lamp.plan(inputs);
  return { step, told: account.told.join("\n") };
}

async function nothingToDo(inputs: LooseObject): Promise<void> {
  expect((await preview(inputs)).step).toBe("same");
  account.newRun();
  lamp.newRun();
  await lamp.refresh();
  expect((await preview(inputs)).step).toBe("same");
}

const registered = async () => (await account.devices()).get("lamp-1")?.certificate?.fingerprint;
const issuer = (output: string) => {
  const pem = lamp.outputs[output];
  return typeof pem === "string" ? new X509Certificate(pem).issuer : undefined;
};

describe("the rotation of the CA of a Device", () => {
  it("follows the phases of the device, and changes nothing when the next CA replaces the old one", async () => {
    await up(declared(of(old), 1));
    const before = await registered();

    const begins = declared(both, 2, "issue");
    const { step, told } = await preview(begins);
    expect(step).toBe("update");
    expect(told).toMatch(/1 device \(lamp-1\): Both CAs are declared\..*"Old CA".*"Next CA"/);
    expect(told).not.toContain("can't connect");
    await up(begins);
    expect(await registered()).toBe(before);
    expect([issuer("certificate"), issuer("nextCertificate")]).toEqual(["CN=Old CA", "CN=Next CA"]);
    await nothingToDo(begins);

    await up(declared(both, 2));
    expect([issuer("certificate"), issuer("previousCertificate")]).toEqual(["CN=Next CA", "CN=Old CA"]);
    expect(await registered()).not.toBe(before);
    await nothingToDo(declared(both, 2));

    // Back and on again, as long as the old CA is declared.
    await up(declared(both, 1));
    expect(await registered()).toBe(before);
    await up(declared(both, 2));
    const after = await registered();

    const moved = await preview(declared(of(next), 2));
    expect(moved.told).toMatch(/"Next CA" \(\w{8}\) replaces "Old CA" \(\w{8}\)/);
    expect(moved.told).not.toContain("can't connect");
    await up(declared(of(next), 2));
    expect(await registered()).toBe(after);
    await nothingToDo(declared(of(next), 2));
    await expect(preview(declared(of(next), 1))).rejects.toThrow(say.CA_UNDECLARED);
    await up(declared(of(next), 2, "done"));
    expect(issuer("previousCertificate")).toBeUndefined();
    await nothingToDo(declared(of(next), 2, "done"));
  });

  it("is reported while the device does not rotate, and before the next CA is known", async () => {
    await up(declared(of(old), 1));
    const created = { ...of(old), nextCaCertificate: UNKNOWN, nextCaPrivateKey: UNKNOWN };
    expect(await preview(declared(created, 2, "issue"))).toMatchObject({
      step: "update",
      told: expect.stringContaining("Both CAs are declared.") as string,
    });
    expect((await preview(declared(both, 1))).told).toContain(`1 device (lamp-1): ${say.CA_LEFT_BEHIND}`);
    await up(declared(both, 1));
    expect(issuer("certificate")).toBe("CN=Old CA");
    await nothingToDo(declared(both, 1));
  });

  it("that was interrupted issues nothing twice", async () => {
    await up(declared(of(old), 1));
    const before = lamp.backup;
    await up(declared(both, 2, "issue"));
    const made = lamp.outputs.nextCertificate;
    lamp.backup = before;
    await up(declared(both, 2, "issue"));
    expect(lamp.outputs.nextCertificate).toBe(made);
    const issued = lamp.backup;
    await up(declared(both, 2));
    const after = await registered();
    lamp.backup = issued;
    await up(declared(both, 2));
    expect(await registered()).toBe(after);
    expect(lamp.outputs.certificate).toBe(made);
  });

  it("needs a key or a signer of the next CA, and not both", async () => {
    const wrong = { ...both, nextCaSigner: { command: ["./sign.sh"] } };
    await expect(preview(declared(wrong, 1))).rejects.toThrow("has a privateKey and a signer");
    const noSigner = { ...of(old), nextCaCertificate: next.certificatePem, nextCaSigner: {} };
    await expect(preview(declared(noSigner, 1))).rejects.toThrow("or pkcs11 must be given");
  });

  it.each([
    [{ validityDays: -5 }, "must be"],
    [{ validityDays: 2, earlyRenewalHours: 48 }, "must be less than the whole validity"],
    ["nothing", "must be an object"],
  ])("has terms that can be kept: %j", async (credential, reason) => {
    await expect(preview({ ...declared(of(old), 1), credential })).rejects.toThrow(reason);
  });
});
