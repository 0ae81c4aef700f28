import { expect, test } from "vitest";
import { AT_THE_END, killed } from "../support/killed.js";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

// Long enough to kill an engine between what it asked for and its learning that it is done.
const world = useWorld({ bulkDelayMs: 300, consistencyDelayMs: 1500 });

const DELETED = "was onboarded by a run that was interrupted, and the fleet does not declare it any more";
const UNATTENDED = "was about to be brought into the account by a run that was interrupted";

async function ask(method: string, url: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${world.emulator.apiKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status}`);
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}

async function ids(): Promise<string[]> {
  return (await world.ownedDevices()).map(({ id }) => id);
}

test("what a killed up onboarded and nothing declares any more is deleted by the next, which its preview says", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..5}' }") },
    env: AT_THE_END,
  });
  await killed(stack, "up", async () => (await ids()).length === 6);
  stack.write("fleet.yaml", fleetFile("{ ids: 'lab-{0..2}' }"));
  const preview = await stack.preview();
  expect(preview.output).toContain(`3 times: ${DELETED}, so it is deleted. (lab-3, lab-4, lab-5)`);
  expect(preview.output).not.toContain(UNATTENDED);
  expect(await ids()).toHaveLength(6);
  succeeded(await stack.up());
  expect(await ids()).toEqual(["lab-0", "lab-1", "lab-2"]);
  expect(await stack.plannedSteps()).toEqual([]);
});

test("what a killed up onboarded goes with a destroy of the fleet, although no state has it", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..1}' }") },
    env: AT_THE_END,
  });
  succeeded(await stack.up());
  stack.write("fleet.yaml", fleetFile("{ ids: 'lab-{0..4}' }"));
  await killed(stack, "up", async () => (await ids()).length === 5);
  const destroy = await stack.destroy();
  succeeded(destroy);
  expect(destroy.output).toContain(DELETED);
  expect(await ids()).toEqual([]);
});

test("an ordinary removal says nothing of interrupted runs, and a device that was there before is none of its leftovers", async () => {
  const maker = await world.stack({ files: { "fleet.yaml": fleetFile("{ devices: [old-1] }") } });
  succeeded(await maker.up());
  const adopting = "{ devices: [{ id: old-1, adopt: recertify }, new-1, new-2] }";
  const stack = await world.stack({ files: { "fleet.yaml": fleetFile(adopting) }, env: AT_THE_END });
  await killed(stack, "up", async () => (await ids()).length === 3);
  stack.write("fleet.yaml", fleetFile("{ devices: [new-1, new-2] }"));
  succeeded(await stack.up());
  expect(await ids()).toEqual(["new-1", "new-2", "old-1"]);

  stack.write("fleet.yaml", fleetFile("{ devices: [new-1] }"));
  const preview = await stack.preview();
  expect(preview.output).not.toMatch(/interrupted.*new-/);
  succeeded(await stack.up());
  expect(await ids()).toEqual(["new-1", "old-1"]);
});

test("a leftover that has reported something is in somebody's hands: it stays, and is told of", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ devices: [lab-0] }") },
    env: AT_THE_END,
  });
  await killed(stack, "up", async () => (await ids()).length === 1);
  await ask("PATCH", `${world.emulator.url}/devices/lab-0/state`, { reported: { battery: 87 } });
  stack.write("fleet.yaml", fleetFile("{ devices: [lab-1] }"));
  const up = await stack.up();
  succeeded(up);
  expect(up.output).toContain(`lab-0: ${UNATTENDED}`);
  expect(up.output).not.toContain(DELETED);
  expect(await ids()).toEqual(["lab-0", "lab-1"]);
  expect(await stack.plannedSteps()).toEqual([]);
});

test("a device that is declared by itself is nobody's leftover, but is told of", async () => {
  const program = (names: readonly string[]) => `
    const { CaCertificate, Device } = require("pulumi-nrfcloud");
    const ca = new CaCertificate("ca", { subject: { commonName: "Test CA" } });
    for (const deviceId of ${JSON.stringify(names)}) new Device(deviceId, { deviceId, credential: { ca } });
  `;
  const stack = await world.stack({ program: program(["one", "two"]), env: AT_THE_END });
  await killed(stack, "up", async () => (await ids()).length === 2);
  stack.write("index.js", program(["one"]));
  const up = await stack.up();
  succeeded(up);
  expect(up.output).toContain(`two: ${UNATTENDED}`);
  expect(await ids()).toEqual(["one", "two"]);

  // As it says: declared again, and taken out.
  stack.write("index.js", program(["one", "two"]));
  succeeded(await stack.up());
  stack.write("index.js", program(["one"]));
  succeeded(await stack.up());
  expect(await ids()).toEqual(["one"]);
});

test("an up after a killed destroy sees which claims and rules are gone, and makes them anew", async () => {
  const { items } = (await world.admin("POST", "/identity/tokens", { count: 2 })) as {
    items: { token: string }[];
  };
  const stack = await world.stack({
    program: `
      const { AttestationClaim, ProvisioningRule } = require("pulumi-nrfcloud");
      for (const [i, token] of ${JSON.stringify(items.map(({ token }) => token))}.entries())
        new AttestationClaim("claim-" + i, { token, unclaimOnDestroy: true });
      const commands = [{ clientPrivateKeyGeneration: { secTag: 16842753 } }];
      new ProvisioningRule("rule", { name: "onboard", description: "all", tags: ["a"], commands });
    `,
    env: AT_THE_END,
  });
  const left = async () => {
    const claims = (await world.admin("GET", "/identity/claims")) as { items: unknown[] };
    const rules = (await ask("GET", `${world.emulator.identityUrl}/provisioning-rules`)) as {
      items: unknown[];
    };
    return [claims.items.length, rules.items.length];
  };
  succeeded(await stack.up());
  await killed(stack, "destroy", async () => (await left()).every((count) => count === 0));
  const preview = await stack.preview();
  expect(preview.output).toContain("was unclaimed by a run that could not save that");
  expect(preview.output).toContain("was deleted by a run that could not save that");
  succeeded(await stack.up());
  expect(await left()).toEqual([2, 1]);
  expect(await stack.plannedSteps()).toEqual([]);
  succeeded(await stack.destroy());
  expect(await left()).toEqual([0, 0]);
});

test("what a killed up made of a rule is known by the next, though the state has the rule before it", async () => {
  /** A rule for devices with this tag; the one device keeps an `up` at work after the rule is made. */
  const program = (tag: string, device: boolean) => `
    const { CaCertificate, Device, ProvisioningRule } = require("pulumi-nrfcloud");
    const ca = new CaCertificate("ca", { subject: { commonName: "Test CA" } });
    if (${device}) new Device("one", { deviceId: "one", credential: { ca } });
    const commands = [{ clientPrivateKeyGeneration: { secTag: 16842753 } }];
    new ProvisioningRule("rule", { name: "onboard", tags: ["${tag}"], commands });
  `;
  const tags = async () => {
    const { items } = (await ask("GET", `${world.emulator.identityUrl}/provisioning-rules`)) as {
      items: { tags: string[] }[];
    };
    return items.map((rule) => rule.tags.join());
  };
  const stack = await world.stack({ program: program("a", false), env: AT_THE_END });
  succeeded(await stack.up());
  stack.write("index.js", program("b", true));
  await killed(stack, "up", async () => (await tags()).join() === "b");

  // Taken back: the state has it right, the account does not.
  stack.write("index.js", program("a", true));
  const preview = await stack.preview();
  expect(preview.output).toContain("Rule onboard: was replaced by a run that could not save that");
  succeeded(await stack.up());
  expect(await tags()).toEqual(["a"]);
  expect(await stack.plannedSteps()).toEqual([]);

  stack.write("index.js", program("b", true));
  await killed(stack, "up", async () => (await tags()).join() === "b");
  succeeded(await stack.destroy());
  expect(await tags()).toEqual([]);
});

test("a job that never ends is waited for once, and what it may still bring is told from then on", async () => {
  await world.admin("PUT", "/faults", {
    seed: 1,
    rules: [{ operations: ["OnboardDevices"], probability: 1, times: 1, fault: { kind: "jobStalls" } }],
  });
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..2}' }") },
    env: { ...AT_THE_END, NRF_CLOUD_BULK_TIMEOUT: "3" },
  });
  const accepted = async () => {
    const jobs = (await ask("GET", `${world.emulator.url}/bulk-ops-requests`)) as { items: unknown[] };
    return jobs.items.length === 1;
  };
  await killed(stack, "up", accepted);
  await world.admin("DELETE", "/faults");

  stack.write("fleet.yaml", fleetFile("{ devices: [one] }"));
  succeeded(await stack.up());
  expect(await ids()).toEqual(["one"]);
  expect(await stack.plannedSteps()).toEqual([]);
  const preview = await stack.preview();
  expect(preview.output).toContain(
    "3 times: was asked for by a run that was interrupted, in a bulk job that has not",
  );
  succeeded(await stack.destroy());
});
