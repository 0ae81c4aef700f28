import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  AttestationClaim,
  CaCertificate,
  Device,
  DeviceCertificate,
  DeviceSet,
  JitpCertificate,
  OwnershipClaim,
  ProvisioningRule,
} from "../../provider/index.js";
import { Program, settled, valueOf } from "./program.js";

afterEach(async () => {
  await settled();
  vi.unstubAllEnvs();
});

/** Classes as a program in JavaScript sees them. */
type Untyped = new (name: string, args: unknown) => pulumi.Resource;
const untyped = (one: unknown) => one as Untyped;
const ca = { certificate: "CERT", privateKey: "KEY" };

describe("an argument that there is not is refused, one that is missing is named", () => {
  it.each<[string, unknown, unknown, string]>([
    ["Device", Device, { deviceId: "d", tag: ["a"] }, "Device x has no argument tag. Write tags."],
    ["Device", Device, { tags: [] }, "Device x has no deviceId. Give it deviceId."],
    ["Device", Device, undefined, "Device x has no arguments. Give it deviceId."],
    [
      "Device",
      Device,
      { deviceId: "d", credential: { ca, crs: "PEM" } },
      "The credential of Device x has no argument crs. Use ca, nextCa, csr,",
    ],
    ["DeviceSet", DeviceSet, { device: {} }, "DeviceSet x has no argument device. Write devices."],
    ["DeviceSet", DeviceSet, undefined, "DeviceSet x has no arguments. Give it devices."],
    ["CaCertificate", CaCertificate, { commonName: "CA" }, "CaCertificate x has no argument commonName. Use"],
    ["CaCertificate", CaCertificate, undefined, "CaCertificate x has no arguments. Give it subject."],
    [
      "CaCertificate",
      CaCertificate,
      { takeOver: {}, subject: {} },
      "CaCertificate x has no argument subject. Use takeOver, chain, earlyRenewalHours.",
    ],
    ["DeviceCertificate", DeviceCertificate, { deviceId: "d" }, "DeviceCertificate x has no ca. Give it ca."],
    ["JitpCertificate", JitpCertificate, {}, "has no deviceId and no ownershipCode."],
    [
      "OwnershipClaim",
      OwnershipClaim,
      { deviceId: "d", code: "1" },
      "OwnershipClaim x has no argument code.",
    ],
    [
      "AttestationClaim",
      AttestationClaim,
      { tokens: "t" },
      "AttestationClaim x has no argument tokens. Write token.",
    ],
    ["ProvisioningRule", ProvisioningRule, { name: "r", tags: [] }, "ProvisioningRule x has no commands."],
  ])("%s", (_, type, args, says) => {
    const program = new Program();
    const declare = () => new (untyped(type))("x", args);
    expect(declare).toThrow(says);
    expect(declare).toThrow(pulumi.RunError);
    expect(program.registered).toEqual([]);
  });
});

describe("inputs are outputs too", () => {
  it("of a device: as they are declared, and outputs where nothing is declared", async () => {
    new Program();
    const device = new Device("d", {
      deviceId: "d",
      tags: ["a"],
      name: pulumi.output("Lamp"),
      credential: { ca },
    });
    expect(await valueOf(device.tags)).toEqual(["a"]);
    expect(await valueOf(device.name)).toBe("Lamp");
    expect(await valueOf(device.deviceId)).toBe("d");
    expect(await valueOf(device.subType)).toBeUndefined();
    expect(await valueOf(device.firmwareTypes)).toBeUndefined();
  });

  it("of claims and rules", async () => {
    new Program();
    const claim = new OwnershipClaim("c", { deviceId: "d", ownershipCode: "1", tags: ["a"], subType: "kit" });
    expect(await valueOf(pulumi.all([claim.tags, claim.subType, claim.name]))).toEqual([
      ["a"],
      "kit",
      undefined,
    ]);
    const rule = new ProvisioningRule("r", { name: "R", tags: ["t"], commands: [{ finished: {} }] });
    expect(await valueOf(pulumi.all([rule.name, rule.tags, rule.commands, rule.description]))).toEqual([
      "R",
      ["t"],
      [{ finished: {} }],
      undefined,
    ]);
  });
});

describe("a CA that signs", () => {
  it("may come later and from elsewhere, and its key is a secret in any case", async () => {
    const program = new Program();
    const certificate = new DeviceCertificate("d", { deviceId: "d", ca: pulumi.output(ca) });
    const { bag, secrets } = await program.bagOf("DeviceCertificate", certificate);
    expect(bag).toMatchObject({ caCertificate: "CERT", caPrivateKey: "KEY" });
    expect(secrets).toContain("caPrivateKey");
  });
});

it("the text of a provisioning command may come later", async () => {
  const program = new Program();
  const content = pulumi.output("PEM");
  const rule = new ProvisioningRule("r", {
    name: "R",
    tags: ["t"],
    commands: [{ serverCertificate: { secTag: 1, content } }],
  });
  const { bag } = await program.bagOf("ProvisioningRule", rule);
  expect(bag.commands).toEqual([{ serverCertificate: { secTag: 1, content: "PEM" } }]);
});
