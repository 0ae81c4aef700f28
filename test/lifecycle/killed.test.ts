import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { unpackCertificates, unpackKeys } from "../../provider/pki/pack.js";
import { killed } from "../support/killed.js";
import { succeeded, type Stack } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

/** What only killed processes can show. The rows of interrupted runs are in `set/interrupted.test.ts`. */

const world = useWorld({ bulkDelayMs: 2_000 });

const FLEET = fleetFile("{ ids: 'lab-{00..29}', tags: [a] }");
const jobs = async () => {
  const { routes } = (await world.admin("GET", "/requests")) as { routes: Record<string, { count: number }> };
  return routes["POST /v1/devices"]?.count ?? 0;
};

/** Fails unless the state has, of each device, the certificate that the account has, and its key. */
async function requireKeys(stack: Stack): Promise<void> {
  const certificates = unpackCertificates(String(await stack.output("fleet", "certificates")));
  const keys = unpackKeys(String(await stack.output("fleet", "privateKeys")));
  const devices = await world.devices();
  expect(devices).toHaveLength(30);
  for (const { id, certificate } of devices) {
    const kept = new X509Certificate(certificates.get(id) ?? "");
    expect(kept.fingerprint256.replaceAll(":", "").toLowerCase(), id).toBe(certificate?.fingerprint);
    expect(keys.has(id), id).toBe(true);
  }
}

test("the next up resumes a killed one, as its preview says: no key is lost, no device gets another certificate", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": FLEET } });
  await killed(stack, "up", async () => (await world.devices()).length > 0);
  const left = new Map((await world.devices()).map(({ id, certificate }) => [id, certificate]));
  expect(left.size).toBeGreaterThan(0);
  expect(stack.resourceNames()).not.toContain("fleet");

  const preview = await stack.preview();
  succeeded(preview);
  expect(preview.output).toContain("An interrupted run began to change these devices.");
  succeeded(await stack.up());
  for (const { id, certificate } of await world.devices()) {
    const before = left.get(id);
    if (before !== undefined) expect(certificate).toEqual(before);
  }
  await requireKeys(stack);
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.destroy());
  expect(await world.devices()).toEqual([]);
});

test("where the command line alone is killed and `up` runs again at once, the state ends with the account's certificates", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": FLEET } });
  // The job is running, and the provider waits for its end.
  await killed(stack, "up", async () => (await jobs()) > 0, "command line");
  const again = await stack.up();
  if (again.code !== 0) succeeded(await stack.up());
  await requireKeys(stack);
  succeeded(await stack.preview("--expect-no-changes"));
});

test("after a killed up, ids that another stack has onboarded since are not changed by a run without them, and refused to a run with them", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": FLEET } });
  const rule = { operations: ["OnboardDevices"], probability: 1, fault: { kind: "closeBefore" } };
  await world.admin("PUT", "/faults", { seed: 1, rules: [rule] });
  await killed(stack, "up", async () => (await jobs()) > 0);
  await world.admin("DELETE", "/faults");
  const other = await world.stack({ files: { "fleet.yaml": FLEET }, name: "other" });
  succeeded(await other.up());
  const theirs = await world.devices();
  const refused = await stack.preview();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain("The account has these devices already");
  stack.write("fleet.yaml", fleetFile("{ ids: 'mine-{1..2}' }"));
  succeeded(await stack.up());
  expect((await world.devices()).filter(({ id }) => id.startsWith("lab-"))).toEqual(theirs);
});
