import { createHook } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  CaCertificate,
  DeviceSet,
  JournalKey,
  type DeviceRow,
  type DeviceSetArgs,
} from "../../provider/index.js";
import { createCa } from "../../provider/pki/ca.js";
import { createSigner } from "../support/deviceSigner.js";
import { generateKeyPair } from "../../provider/pki/keys.js";
import { packCertificates, packKeys } from "../../provider/pki/pack.js";
import {
  certificateFingerprint,
  csrFingerprint,
  publicKeyFingerprint,
} from "../../provider/pki/rowFingerprint.js";
import { packRecords } from "../../provider/reconcile/table/packRecords.js";
import { parseRow } from "../../provider/reconcile/table/parseRow.js";
import { attestationToken } from "../fleet/tokens.js";
import { recorded } from "../reconcile/rows.js";
import { credentialsFor, csrs } from "../support/credentials.js";
import { isProtected, Program, Source, valueOf, settled } from "./program.js";

const UUID = "6e4a9363-8f70-4b2e-9a55-0d5c1c1f7f10";
const [csr] = csrs();
const {
  certificate: [certificate],
  publicKey: [publicKey],
} = credentialsFor("lab-1");
const token = attestationToken(UUID);

afterEach(async () => {
  await settled();
  vi.unstubAllEnvs();
});

/** The bag of a set with these rows. */
async function bagOf(program: Program, devices: DeviceSetArgs["devices"], args: Partial<DeviceSetArgs> = {}) {
  return program.bagOf("DeviceSet", new DeviceSet("fleet", { devices, ...args }));
}

async function linesOf(devices: DeviceSetArgs["devices"]) {
  return (await bagOf(new Program(), devices)).bag.devices;
}

describe("a set of plain rows", () => {
  it("has a line for each device, and of what it brings a fingerprint", async () => {
    const lines = await linesOf({
      plain: {},
      full: {
        via: "preconnect",
        subType: "tracker",
        tags: ["lab", "oslo"],
        firmwareTypes: ["APP", "MODEM"],
        name: "Kit 1",
        adopt: "recertify",
        protect: true,
        rotation: { generation: 2 },
      },
      named: { name: "named" },
      csr: { credential: { csr }, rotation: { generation: 3 } },
      certificate: { credential: { certificate } },
      publicKey: { credential: { publicKey } },
      existing: { credential: "existing", adopt: true },
      kit: { via: "jitp", ownershipCode: "314159" },
      kit2: {
        via: "jitp",
        ownershipCode: "314159",
        issueCertificate: true,
        wait: 0,
        pending: "allow",
        adopt: true,
      },
      [UUID]: { via: "attestation", token, tags: ["location=Trondheim"], unclaimOnDestroy: true },
    });
    expect(lines).toEqual({
      plain: "",
      full: 'subType=tracker tags=lab,oslo firmware=APP,MODEM name="Kit 1" generation=2 adopt=recertify protect',
      named: "",
      csr: `csr=${csrFingerprint(csr)} generation=3`,
      certificate: `certificate=${certificateFingerprint(certificate)}`,
      publicKey: `publicKey=${publicKeyFingerprint(publicKey)}`,
      existing: "credential=existing adopt=keep",
      kit: "via=jitp",
      kit2: "via=jitp credential=issued wait=0 pending=allow adopt=keep",
      [UUID]: "via=attestation tags=location=Trondheim unclaim",
    });
    for (const line of Object.values({ ...(lines as object) }))
      expect(parseRow(String(line))).toMatchObject({ ok: true });
  });

  it("has what devices bring in one secret text", async () => {
    const { bag, secrets } = await bagOf(new Program(), {
      plain: {},
      kit: { via: "jitp", ownershipCode: "314159" },
      [UUID]: { via: "attestation", token },
      csr: { credential: { csr } },
    });
    expect(secrets).toEqual(["materials"]);
    expect(JSON.parse(String(bag.materials))).toEqual({ [UUID]: token, csr, kit: "314159" });
    const { materials: _, ...others } = bag;
    expect(JSON.stringify(others)).not.toMatch(/314159|BEGIN/);
  });

  it("sends no default values to the engine", async () => {
    const { bag } = await bagOf(new Program(), { plain: {} });
    expect(bag).toEqual({
      __provider: 'exports.handler = () => require("pulumi-nrfcloud/dynamic/device-set.cjs");',
      name: "fleet",
      stack: "dev",
      devices: { plain: "" },
    });
  });

  it("has its CA, its journal's key and its limits", async () => {
    vi.stubEnv("NRF_CLOUD_ONLY", "lab-*");
    const program = new Program({
      CaCertificate: { certificate: "CERT", privateKey: pulumi.secret("KEY") },
      JournalKey: { key: pulumi.secret("SEAL") },
    });
    const ca = new CaCertificate("ca", { subject: { commonName: "CA" } });
    const { bag, secrets } = await bagOf(
      program,
      { plain: {} },
      {
        ca,
        nextCa: { certificate: "NEXT", privateKey: "NEXT KEY" },
        journal: new JournalKey("journal"),
        validityDays: 365,
        earlyRenewalHours: 24,
        maxDeletes: 10,
        keepOnDestroy: true,
      },
    );
    expect(bag).toMatchObject({
      caCertificate: "CERT",
      caPrivateKey: "KEY",
      nextCaCertificate: "NEXT",
      nextCaPrivateKey: "NEXT KEY",
      journalKey: "SEAL",
      validityDays: 365,
      earlyRenewalHours: 24,
      maxDeletes: "10",
      keepOnDestroy: true,
      only: "lab-*",
    });
    expect([...secrets].sort()).toEqual(["caPrivateKey", "journalKey", "nextCaPrivateKey"]);
  });

  it("of ten thousand is declared in less than a second, without a promise for each", async () => {
    const devices = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i): [string, DeviceRow] => [
        `lab-${i}`,
        i % 2 === 0
          ? { subType: "tracker", tags: ["lab", "oslo"], firmwareTypes: ["APP", "MODEM"], name: `Lab ${i}` }
          : { via: "jitp", ownershipCode: `code-${i}`, tags: ["kit"] },
      ]),
    );
    const program = new Program();
    let promises = 0;
    const hook = createHook({ init: (_, type) => (promises += type === "PROMISE" ? 1 : 0) }).enable();
    // Of this process alone: other tests run at the same time.
    const before = process.cpuUsage();
    const set = new DeviceSet("fleet", { devices });
    const took = process.cpuUsage(before).user / 1000;
    hook.disable();
    expect(promises).toBeGreaterThan(0);
    expect(promises).toBeLessThan(5000);
    expect(took).toBeLessThan(1000);
    const { bag } = await program.bagOf("DeviceSet", set);
    expect(Object.keys(bag.devices as object)).toHaveLength(10_000);
    expect(Object.keys(JSON.parse(String(bag.materials)) as object)).toHaveLength(5_000);
  });
});

describe("a set with rows that hold outputs", () => {
  it("has them once they are known, whatever of a row they are", async () => {
    const { bag, secrets } = await bagOf(new Program(), {
      plain: { tags: ["lab"] },
      tags: { tags: pulumi.output(["lab", "oslo"]) },
      tag: { tags: ["lab", pulumi.output("oslo")] },
      name: { name: Promise.resolve("Kit 1"), protect: true },
      row: pulumi.output({ via: "jitp" as const, ownershipCode: "271828", tags: ["kit"] }),
      kit: { via: "jitp", ownershipCode: pulumi.secret("314159") },
      csr: { credential: { csr: pulumi.secret(csr) } },
    });
    expect(bag.devices).toEqual({
      plain: "tags=lab",
      tags: "tags=lab,oslo",
      tag: "tags=lab,oslo",
      name: 'name="Kit 1" protect',
      row: "via=jitp tags=kit",
      kit: "via=jitp",
      csr: `csr=${csrFingerprint(csr)}`,
    });
    expect(JSON.parse(String(bag.materials))).toEqual({ csr, kit: "314159", row: "271828" });
    expect(secrets).toEqual(["materials"]);
  });

  it("keeps a line secret whose words are", async () => {
    const { secrets } = await bagOf(new Program(), { named: { name: pulumi.secret("Kit of Mr X") } });
    expect(secrets).toEqual(["devices"]);
  });

  it("knows in a preview all rows but those that nobody knows, and no materials if any is not known", async () => {
    const program = new Program({}, { preview: true });
    const { text } = new Source();
    const { bag } = await bagOf(
      program,
      {
        plain: { tags: ["lab"] },
        later: { name: text },
        kit: { via: "jitp", ownershipCode: text, tags: ["kit"] },
        csr: { credential: { csr: text } },
      },
      { journal: new JournalKey("journal"), ca: new CaCertificate("ca", { subject: { commonName: "CA" } }) },
    );
    expect(bag.devices).toEqual({
      plain: "tags=lab",
      later: pulumi.unknown,
      kit: "via=jitp tags=kit",
      csr: pulumi.unknown,
    });
    expect([bag.materials, bag.journalKey, bag.caCertificate, bag.caPrivateKey]).toEqual([
      pulumi.unknown,
      pulumi.unknown,
      pulumi.unknown,
      pulumi.unknown,
    ]);
  });

  it("knows its materials in a preview where only other words of a row are not known", async () => {
    const program = new Program({}, { preview: true });
    const { text } = new Source();
    const { bag } = await bagOf(program, { kit: { via: "jitp", ownershipCode: "314159", name: text } });
    expect([bag.devices, bag.materials]).toEqual([{ kit: pulumi.unknown }, '{"kit":"314159"}']);
  });
});

describe("what a program without types may not say", () => {
  const row = (each: unknown) => ({ devices: { "lab-1": each } });
  it.each<[unknown, string]>([
    [{ devices: {}, preflight: true }, "DeviceSet fleet has no argument preflight. Use devices, ca,"],
    [{}, "DeviceSet fleet has no devices. Give it devices."],
    [{ devices: ["lab-1"] }, "devices must be an object"],
    [{ devices: pulumi.output({}) }, "The ids must be known"],
    [{ devices: {}, maxDeletes: "some" }, 'maxDeletes is "some". Write a count such as 10'],
    [row("lab"), "Device lab-1 is not an object"],
    [row(undefined), "Device lab-1 is not an object"],
    [row({ via: "usb" }), 'Device lab-1 has via: "usb", which is none of preconnect, jitp, attestation'],
    [row({ via: "constructor" }), "which is none of preconnect, jitp, attestation"],
    [row({ tag: ["lab"] }), "Device lab-1 has tag, which a preconnect device can't have; use via, tags"],
    [row({ via: "jitp", token }), "has token, which a jitp device can't have"],
    [row({ credential: "none" }), 'has a credential of another kind; give "existing"'],
    [row({ credential: { cert: "x" } }), "has credential.cert, which is unknown"],
    [row({ credential: { csr, publicKey } }), "has both credential.csr and credential.publicKey"],
    [
      row({ credential: { certificate }, rotation: { generation: 2 } }),
      "both rotation and credential.certificate",
    ],
    [row({ credential: { certificate: "x" } }), "Device lab-1: The certificate text is not PEM"],
    [row({ tags: "lab" }), "has tags that are not a list of strings"],
    [row({ tags: ["lab,oslo"] }), `Device lab-1 is refused: "lab,oslo" is not a tag: ',' is not allowed`],
    [row({ tags: [""] }), "a tag is empty"],
    [row({ name: "" }), "the name is empty"],
    [row({ firmwareTypes: ["APP,MODEM"] }), '"APP,MODEM" is not a firmware type'],
  ])("%j", (args, words) => {
    new Program();
    const declare = () => new DeviceSet("fleet", args as DeviceSetArgs);
    expect(declare).toThrow(pulumi.RunError);
    expect(declare).toThrow(words);
    expect(declare).not.toThrow(token);
  });
});

describe("a set that is guarded", () => {
  const two: DeviceSetArgs["devices"] = { a: {}, b: {} };
  const kit: DeviceRow = { via: "jitp", ownershipCode: "314159" };
  it.each<[string, DeviceSetArgs, boolean, string?]>([
    ["nothing", { devices: two }, false],
    ["a protected row", { devices: { ...two, c: { protect: true } } }, true],
    [
      "a protected row that holds an output",
      { devices: { ...two, c: { ...kit, ownershipCode: pulumi.secret("1"), protect: true } } },
      true,
    ],
    ["a limit below its size", { devices: two, maxDeletes: 1 }, true],
    ["a limit of its size", { devices: two, maxDeletes: 2 }, false],
    ["a limit as a text", { devices: two, maxDeletes: "1" }, true],
    ["a share", { devices: two, maxDeletes: "99%" }, true],
    ["all", { devices: two, maxDeletes: "100%" }, false],
    ["a limit that is lifted for all", { devices: two, maxDeletes: 0 }, false, "2"],
    ["a limit that is lifted for one", { devices: two, maxDeletes: 0 }, true, "1"],
    ["a protected row, whatever is lifted", { devices: { c: { protect: true } } }, true, "9"],
  ])("by %s", (_, args, guarded, allowed = "") => {
    vi.stubEnv("NRF_CLOUD_ALLOW_DELETES", allowed);
    new Program();
    expect(isProtected(new DeviceSet("fleet", args))).toBe(guarded);
  });

  it("says what is wrong with the override", () => {
    vi.stubEnv("NRF_CLOUD_ALLOW_DELETES", "all");
    new Program();
    expect(() => new DeviceSet("fleet", { devices: two, maxDeletes: 0 })).toThrow(
      'NRF_CLOUD_ALLOW_DELETES (or nrfcloud:allowDeletes) is "all", which is not a count.',
    );
  });
});

describe("the outputs of a set", () => {
  const notBefore = new Date();
  const ca = createCa({ subject: { commonName: "CA" }, validity: { notBefore, days: 30 } });
  const { publicKeyPem, privateKeyPem } = generateKeyPair();
  const issued = createSigner(ca).sign({
    commonName: "lab-1",
    publicKeyPem,
    validity: { notBefore, days: 20 },
  }).certificatePem;
  const createdAt = "2026-01-01T00:00:00.000Z";
  const kept = {
    DeviceSet: {
      certificates: packCertificates(new Map([["lab-1", issued]])),
      privateKeys: pulumi.secret(packKeys(new Map([["lab-1", privateKeyPem]]))),
      records: packRecords(
        new Map([
          ["lab-1", recorded("", { createdAt })],
          ["kit-1", recorded("via=jitp", { createdAt: undefined, outcome: { kind: "waiting" } })],
        ]),
      ),
      waiting: ["kit-1"],
    },
  };
  const declare = (more = {}) => {
    const program = new Program({ DeviceSet: { ...kept.DeviceSet, ...more } });
    const set = new DeviceSet("fleet", {
      devices: { "lab-1": {}, "kit-1": { via: "jitp", ownershipCode: "314159" } },
    });
    return { program, set };
  };

  it("are unpacked, and keys are secret", async () => {
    const { set } = declare();
    expect(await valueOf(set.certificates)).toEqual({ "lab-1": issued });
    expect(await valueOf(set.privateKeys)).toEqual({ "lab-1": privateKeyPem });
    expect(await valueOf(set.waiting)).toEqual(["kit-1"]);
    expect(await valueOf(set.failed)).toBeUndefined();
    expect(await pulumi.isSecret(set.privateKeys)).toBe(true);
    expect(await pulumi.isSecret(set.certificates)).toBe(false);
  });

  it("are there for one device, only its key as a secret", async () => {
    const { set } = declare();
    const { certificate: own, privateKey, createdAt: since, outcome } = set.device("lab-1");
    expect(
      await Promise.all([own, privateKey, since, outcome].map((each) => valueOf<unknown>(each))),
    ).toEqual([issued, privateKeyPem, createdAt, "done"]);
    expect(await pulumi.isSecret(privateKey)).toBe(true);
    for (const open of [own, since, outcome]) expect(await pulumi.isSecret<unknown>(open)).toBe(false);
  });

  it.each([
    ["kit-1", "waiting"],
    ["lab-2", undefined],
  ])("say how it stands with %s: %s", async (id, outcome) => {
    const device = declare().set.device(id);
    expect(await valueOf(device.outcome)).toBe(outcome);
    expect(await valueOf(device.certificate)).toBeUndefined();
    expect(await valueOf(device.privateKey)).toBeUndefined();
  });

  it("are not known in a first preview", async () => {
    const program = new Program({}, { preview: true });
    const set = new DeviceSet("fleet", { devices: { "lab-1": {} } });
    await program.bagOf("DeviceSet", set);
    const seen = vi.fn();
    set.certificates.apply(seen);
    set.device("lab-1").outcome.apply(seen);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).not.toHaveBeenCalled();
  });
});
