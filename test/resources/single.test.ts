import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  AttestationClaim,
  CaCertificate,
  Device,
  DeviceCertificate,
  DeviceSet,
  JitpCertificate,
  JournalKey,
  OwnershipClaim,
} from "../../provider/index.js";
import { Program, settled } from "./program.js";

afterEach(async () => {
  await settled();
  vi.unstubAllEnvs();
});

const program = () =>
  new Program({
    CaCertificate: { certificate: "CERT", privateKey: pulumi.secret("KEY") },
    JournalKey: { key: pulumi.secret("SEAL") },
  });
const ca = () => new CaCertificate("ca", { subject: { commonName: "CA" } });
const journal = () => new JournalKey("journal");
const signed = { caCertificate: "CERT", caPrivateKey: "KEY" };

interface Case {
  readonly type: string;
  readonly declare: () => pulumi.CustomResource;
  readonly bag: Readonly<Record<string, unknown>>;
  readonly secrets: readonly string[];
}

const cases: Readonly<Record<string, Case>> = {
  "a device whose certificate is issued": {
    type: "Device",
    declare: () =>
      new Device("d", {
        deviceId: "lab-1",
        credential: { ca: ca(), validityDays: 365 },
        rotation: { generation: 2 },
        tags: ["lab"],
        adopt: "recertify",
        journal: journal(),
      }),
    bag: {
      deviceId: "lab-1",
      credential: { validityDays: 365 },
      rotation: { generation: 2 },
      ...signed,
      tags: ["lab"],
      adopt: "recertify",
      journalKey: "SEAL",
    },
    secrets: ["caPrivateKey", "journalKey"],
  },
  "a device whose CA rotates": {
    type: "Device",
    declare: () =>
      new Device("d", {
        deviceId: "lab-1",
        credential: { ca: ca(), nextCa: new CaCertificate("next", { subject: { commonName: "Next" } }) },
        rotation: { generation: 2, phase: "issue" },
      }),
    bag: {
      deviceId: "lab-1",
      credential: {},
      rotation: { generation: 2, phase: "issue" },
      ...signed,
      nextCaCertificate: "CERT",
      nextCaPrivateKey: "KEY",
    },
    secrets: ["caPrivateKey", "nextCaPrivateKey"],
  },
  "a device that brings its certificate": {
    type: "Device",
    declare: () => new Device("d", { deviceId: "lab-1", credential: { certificate: "PEM" }, adopt: true }),
    bag: { deviceId: "lab-1", credential: { certificate: "PEM" }, adopt: "keep" },
    secrets: [],
  },
  "a claim by ownership code": {
    type: "OwnershipClaim",
    declare: () =>
      new OwnershipClaim("c", {
        deviceId: "kit-1",
        ownershipCode: "314159",
        pending: "allow",
        adopt: true,
        journal: journal(),
      }),
    bag: {
      deviceId: "kit-1",
      ownershipCode: "314159",
      pending: "allow",
      adopt: "keep",
      journalKey: "SEAL",
    },
    secrets: ["journalKey", "ownershipCode"],
  },
  "a claim by token": {
    type: "AttestationClaim",
    declare: () => new AttestationClaim("c", { token: "TOKEN", unclaimOnDestroy: true, journal: journal() }),
    bag: { token: "TOKEN", unclaimOnDestroy: true, journalKey: "SEAL" },
    secrets: ["journalKey", "token"],
  },
  "a certificate of nRF Cloud": {
    type: "JitpCertificate",
    declare: () => new JitpCertificate("c", { deviceId: "kit-1", ownershipCode: "314159" }),
    bag: { deviceId: "kit-1", ownershipCode: "314159" },
    secrets: ["ownershipCode"],
  },
  "a certificate without a device": {
    type: "DeviceCertificate",
    declare: () => new DeviceCertificate("c", { deviceId: "lab-1", ca: ca(), earlyRenewalHours: 24 }),
    bag: { deviceId: "lab-1", ...signed, earlyRenewalHours: 24 },
    secrets: ["caPrivateKey"],
  },
  "a journal's key": { type: "JournalKey", declare: journal, bag: {}, secrets: [] },
};

describe("what the engine is given of", () => {
  it.each(Object.entries(cases))("%s", async (_, { type, declare, bag, secrets }) => {
    const registered = await (async (running) => running.bagOf(type, declare()))(program());
    const { __provider: provider, ...given } = registered.bag;
    expect(provider).toMatch(
      /^exports\.handler = \(\) => require\("pulumi-nrfcloud\/dynamic\/[a-z-]+\.cjs"\);$/,
    );
    expect(given).toEqual({ ...bag, stack: "dev" });
    expect([...registered.secrets].sort()).toEqual(secrets);
  });
});

/** The options with which a resource is registered. */
function optionsOf(
  declare: (options: pulumi.CustomResourceOptions) => pulumi.Resource,
): pulumi.CustomResourceOptions {
  program();
  let seen: pulumi.CustomResourceOptions = {};
  declare({
    transformations: [
      ({ opts }) => {
        seen = opts;
        return undefined;
      },
    ],
  });
  return seen;
}

describe("what a destroy leaves in nRF Cloud", () => {
  it.each<[string, boolean | undefined, Parameters<typeof optionsOf>[0]]>([
    [
      "a certificate that it issued",
      true,
      (options) => new JitpCertificate("c", { deviceId: "kit-1", ownershipCode: "314159" }, options),
    ],
    ["a claim by token", true, (options) => new AttestationClaim("a", { token: "TOKEN" }, options)],
    [
      "no claim that is to be given up",
      false,
      (options) => new AttestationClaim("a", { token: "TOKEN", unclaimOnDestroy: true }, options),
    ],
    ["no device", undefined, (options) => new DeviceSet("fleet", { devices: {} }, options)],
  ])("is %s", (_, retained, declare) => {
    expect(optionsOf(declare).retainOnDelete).toBe(retained);
  });
});

describe("what the engine keeps secret beside secret inputs", () => {
  it.each<[string, Parameters<typeof optionsOf>[0]]>([
    ["privateKeys", (options) => new DeviceSet("fleet", { devices: {} }, options)],
    ["privateKey", (options) => new Device("d", { deviceId: "lab-1", adopt: true }, options)],
    ["privateKey", (options) => new DeviceCertificate("d", { deviceId: "lab-1", ca: ca() }, options)],
    ["privateKey", (options) => new JitpCertificate("c", { deviceId: "a", ownershipCode: "1" }, options)],
    ["key", (options) => new JournalKey("journal", options)],
  ])("is %s", (key, declare) => {
    expect(optionsOf(declare).additionalSecretOutputs).toContain(key);
  });
});
