import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Stack, succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();

interface Rule {
  readonly operations: readonly string[];
  readonly times?: number;
  readonly fault: Readonly<Record<string, unknown>>;
}

/** From now on these go wrong. */
async function goesWrong(...rules: Rule[]): Promise<void> {
  await world.admin("PUT", "/faults", {
    seed: 1,
    rules: rules.map((rule) => ({ probability: 1, ...rule })),
  });
}

async function allGoesWell(): Promise<void> {
  await world.admin("DELETE", "/faults");
}

/** How often the API was asked this since the last call. */
async function asked(route: string): Promise<number> {
  const { routes } = (await world.admin("GET", "/requests")) as { routes: Record<string, { count: number }> };
  await world.admin("DELETE", "/requests");
  return routes[route]?.count ?? 0;
}

/** Fails unless each of these devices has the certificate whose key is in state. */
async function keysAreKept(stack: Stack, deviceIds: readonly string[]): Promise<void> {
  const inAccount = new Map(
    (await world.devices()).map(({ id, certificate }) => [id, certificate?.fingerprint]),
  );
  for (const id of deviceIds) {
    const { fingerprint256, publicKey } = new X509Certificate(String(await stack.output(id, "certificate")));
    expect(inAccount.get(id)).toBe(fingerprint256.replaceAll(":", "").toLowerCase());
    expect(publicKey.asymmetricKeyType).toBe("ec");
    expect(await stack.output(id, "privateKey")).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  }
}

const PARALLEL = { PULUMI_PARALLEL: "20" };
const ids = [0, 1, 2, 3].map((n) => `lab-${n}`);

test.each([
  { what: "whose answer was lost", fault: { kind: "closeAfter" } },
  { what: "whose answer was cut short", fault: { kind: "truncated" } },
  { what: "that a page answered", fault: { kind: "notJson" } },
  { what: "that a gateway answered", fault: { kind: "serverError", status: 502, afterEffect: true } },
  { what: "whose job says nothing of its failure", fault: { kind: "jobFailsWithoutSummary", share: 0.5 } },
  { what: "that never arrived", fault: { kind: "closeBefore" } },
])("an onboarding $what completes within one up, and every key is kept", async ({ fault }) => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..3}' }") },
    env: { ...PARALLEL, NRF_CLOUD_READBACK_TIMEOUT: "3" },
  });
  await goesWrong({ operations: ["OnboardDevices"], times: 1, fault });
  succeeded(await stack.up());
  expect((await world.devices()).map(({ id }) => id)).toEqual(ids);
  await keysAreKept(stack, ids);
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.destroy());
  expect(await world.devices()).toEqual([]);
});

test("a bulk request whose answer was lost is sent once, where its job can be found", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..3}' }") },
    env: PARALLEL,
  });
  await goesWrong({ operations: ["OnboardDevices"], times: 1, fault: { kind: "closeAfter" } });
  await world.admin("DELETE", "/requests");
  succeeded(await stack.up());
  expect(await asked("POST /v1/devices")).toBe(1);
});

test("a renewal of certificates whose answer was lost completes within one up, and every key is kept", async () => {
  const program = (rotation: string) => `
    const { CaCertificate, Device } = require("pulumi-nrfcloud");
    const ca = new CaCertificate("ca", { subject: { commonName: "CA" } });
    for (const deviceId of ${JSON.stringify(ids)})
      new Device(deviceId, { deviceId, credential: { ca, rotation: "${rotation}" } });
  `;
  const stack = await world.stack({
    program: program("one"),
    env: { ...PARALLEL, NRF_CLOUD_READBACK_TIMEOUT: "3" },
  });
  succeeded(await stack.up());
  const before = await world.devices();
  stack.write("index.js", program("two"));
  await goesWrong({ operations: ["RegisterCertificates"], times: 1, fault: { kind: "closeAfter" } });
  succeeded(await stack.up());
  for (const { id, certificate } of await world.devices())
    expect(certificate).not.toEqual(before.find((device) => device.id === id)?.certificate);
  await keysAreKept(stack, ids);
  succeeded(await stack.preview("--expect-no-changes"));
});

test("a job that goes on after it was given up on is continued by the next run, and every key is kept", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..3}' }") },
    env: { ...PARALLEL, NRF_CLOUD_BULK_TIMEOUT: "4", NRF_CLOUD_READBACK_TIMEOUT: "2" },
  });
  await goesWrong({
    operations: ["OnboardDevices"],
    times: 1,
    fault: { kind: "jobAppliesLate", ms: 12_000 },
  });
  const started = Date.now();
  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toMatch(/job \w+ with \d rows is still PENDING after 4 s/);
  succeeded(await stack.up());
  // Whatever the late job does, it is over by then.
  await sleep(Math.max(0, started + 25_000 - Date.now()));
  expect((await world.devices()).map(({ id }) => id)).toEqual(ids);
  await keysAreKept(stack, ids);
  succeeded(await stack.preview("--expect-no-changes"));
});

test("one certificate is not registered for two devices, whatever answers are lost", async () => {
  const program = (...deviceIds: string[]) => `
    const { CaCertificate, Device, DeviceCertificate } = require("pulumi-nrfcloud");
    const ca = new CaCertificate("ca", { subject: { commonName: "CA" } });
    const { certificate } = new DeviceCertificate("shared", { deviceId: "one", ca });
    for (const deviceId of ${JSON.stringify(deviceIds)}) new Device(deviceId, { deviceId, credential: { certificate } });
  `;
  const stack = await world.stack({
    program: program("one", "two"),
    env: { ...PARALLEL, NRF_CLOUD_READBACK_TIMEOUT: "3" },
  });
  await goesWrong({
    operations: ["OnboardDevice", "OnboardDevices"],
    times: 1,
    fault: { kind: "closeAfter" },
  });
  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain('is made out to "one" instead of two');
  expect((await world.devices()).filter(({ id }) => id !== "one")).toEqual([]);

  stack.write("index.js", program("one"));
  succeeded(await stack.up());
  expect((await world.devices()).map(({ id }) => id)).toEqual(["one"]);
  succeeded(await stack.preview("--expect-no-changes"));
});

const JITP = `
  const { JitpCertificate } = require("pulumi-nrfcloud");
  new JitpCertificate("kit", { deviceId: "kit-1", ownershipCode: "sesame-1" });
`;

test("a just-in-time certificate whose answer was lost is of no use to anybody, so another one is issued and said to be", async () => {
  const stack = await world.stack({ program: JITP });
  await goesWrong({ operations: ["CreateDeviceCertificate"], times: 1, fault: { kind: "closeAfter" } });
  const { code, output } = await stack.up();
  expect(code).toBe(0);
  expect(output).toContain("kit-1: the answer with its certificate and key was lost on the way");
  expect(await stack.output("kit", "privateKey")).toMatch(/^-----BEGIN/);
  succeeded(await stack.preview("--expect-no-changes"));
});

test("a just-in-time certificate whose answers are all lost is reported as it is, and the next run asks for another", async () => {
  const stack = await world.stack({ program: JITP });
  await goesWrong({ operations: ["CreateDeviceCertificate"], fault: { kind: "closeAfter" } });
  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("The answer to the request for a certificate of device kit-1 was lost");
  expect(failed.output).toContain("Run again: another certificate is issued then.");
  expect(await stack.resourceNames()).toEqual([]);

  await allGoesWell();
  const preview = await stack.preview();
  expect(preview.output).toContain(
    "kit-1: an earlier run asked nRF Cloud for a certificate, and this stack's state does not have it.",
  );
  succeeded(await stack.up());
  expect(await stack.output("kit", "privateKey")).toMatch(/^-----BEGIN/);
  expect((await stack.preview()).output).not.toContain("never saved the answer");
});

test("claims and rules whose answers were lost complete within one up", async () => {
  const { items } = (await world.admin("POST", "/identity/tokens", { count: 3 })) as {
    items: { deviceId: string; token: string }[];
  };
  const stack = await world.stack({
    program: `
      const { AttestationClaim, ProvisioningRule } = require("pulumi-nrfcloud");
      for (const [i, token] of ${JSON.stringify(items.map(({ token }) => token))}.entries())
        new AttestationClaim("claim-" + i, { token });
      new ProvisioningRule("rule", {
        name: "onboarding", tags: ["nrf-cloud-onboarding"],
        commands: [{ clientPrivateKeyGeneration: { secTag: 16842753 } }],
      });
    `,
    env: PARALLEL,
  });
  await goesWrong({
    operations: ["ClaimDeviceOwnership", "CreateProvisioningRule"],
    times: 2,
    fault: { kind: "closeAfter" },
  });
  succeeded(await stack.up());
  const claims = (await world.admin("GET", "/identity/claims")) as { items: { id: string }[] };
  expect(claims.items.map(({ id }) => id).sort()).toEqual(items.map(({ deviceId }) => deviceId).sort());
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.refresh("--expect-no-changes"));
});

test("a device that another team takes in between is named, and the others are done", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..3}' }") },
    env: PARALLEL,
  });
  await goesWrong({ operations: ["OnboardDevices"], times: 1, fault: { kind: "claimedByAnother" } });
  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toMatch(/Device lab-\d was not onboarded/);
  expect(failed.output).toContain("another team has this id");
  expect(await world.ownedDevices()).not.toHaveLength(0);
});
