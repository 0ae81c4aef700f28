import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { useDevices } from "../support/simulated.js";
import { ended, type Stack, succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld({ bulkDelayMs: 400, mqttPort: 0 });
const devices = useDevices(world);

const FLEET = fleetFile("{ ids: 'lab-{00..59}', tags: [a] }");
/** The settings for large fleets: state is only saved at the end. */
const FAST = { PULUMI_SKIP_CHECKPOINTS: "true", PULUMI_PARALLEL: "20" };

/** Starts an `up`, and stops it once some of the devices are in the account. */
async function interrupt(stack: Stack, stop: (pid: number) => Promise<void>): Promise<void> {
  const up = stack.start("up", "--yes", "--skip-preview");
  const { pid } = up;
  if (pid === undefined) throw new Error("pulumi did not start");
  while ((await world.devices()).length < 10) {
    if (up.exitCode !== null) throw new Error("the up ended before it could be interrupted");
    await sleep(20);
  }
  await stop(pid);
  await ended(up);
  // The provider may outlive the engine by the job it waits for.
  await sleep(1500);
  await stack.pulumi("cancel", "--yes");
}

const killed = (pid: number): Promise<void> => {
  process.kill(-pid, "SIGKILL");
  return Promise.resolve();
};

const interruptedTwice = async (pid: number): Promise<void> => {
  process.kill(pid, "SIGINT");
  await sleep(300);
  try {
    process.kill(pid, "SIGINT");
  } catch {
    // It has ended already.
  }
};

function fingerprintOf(certificate: string): string {
  return new X509Certificate(certificate).fingerprint256.replaceAll(":", "").toLowerCase();
}

test.each([
  { how: "kill -9", stop: killed, settings: FAST },
  { how: "SIGINT twice", stop: interruptedTwice, settings: FAST },
  { how: "kill -9, with a checkpoint at every step", stop: killed, settings: {} },
  { how: "SIGINT twice, with a checkpoint at every step", stop: interruptedTwice, settings: {} },
])(
  "an up that was stopped by $how converges when it is run again, without duplicates or orphans",
  async ({ stop, settings }) => {
    const stack = await world.stack({ files: { "fleet.yaml": FLEET }, env: settings });
    await interrupt(stack, stop);
    const left = await world.devices();
    const known = new Set(await stack.resourceNames());
    const lost = left.filter(({ id }) => !known.has(id));

    if (lost.length > 0) {
      // The keys of these were never saved; that they get new ones is said before it happens.
      const preview = await stack.preview();
      expect(preview.output).toContain(
        "an interrupted run onboarded this device, but the key it made was never saved or shown",
      );
    }
    succeeded(await stack.up());

    const onboarded = await world.devices();
    expect(onboarded).toHaveLength(60);
    // Those whose keys were saved have the certificate they had.
    const before = new Map(left.map(({ id, certificate }) => [id, certificate?.fingerprint]));
    for (const { id, certificate } of onboarded) {
      if (known.has(id) && before.has(id)) expect(certificate?.fingerprint).toBe(before.get(id));
    }
    // What the state says of a device is what the account has.
    for (const { id, certificate } of [onboarded[0], onboarded[30], onboarded[59]].flatMap((device) =>
      device ? [device] : [],
    )) {
      expect(fingerprintOf(String(await stack.output(id, "certificate")))).toBe(certificate?.fingerprint);
      expect(await stack.output(id, "privateKey")).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    }
    succeeded(await stack.preview("--expect-no-changes"));
    succeeded(await stack.destroy());
    expect(await world.devices()).toEqual([]);
  },
);

test("the journal of an interrupted run is cleared once the state has everything", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": FLEET }, env: FAST });
  await interrupt(stack, killed);
  expect(stack.journal()).toContain('"intend"');
  succeeded(await stack.up());
  // One run reads the state that the last one saved, the next one finds nothing open.
  await stack.preview();
  await stack.preview();
  expect(stack.journal()).toBe("");
});

test("without its journal, a run that meets devices it does not know leaves them alone", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": FLEET }, env: FAST });
  await interrupt(stack, killed);
  const left = await world.devices();
  stack.forgetJournal();
  const again = await stack.up();
  expect(again.code).not.toBe(0);
  expect(again.output).toContain("`adopt: recertify`");
  const now = await world.devices();
  for (const { id, certificate } of left)
    expect(now.find((device) => device.id === id)?.certificate).toEqual(certificate);
});

test("a device that has reported is never taken for half done, even where its state was lost", async () => {
  const first = await world.stack({ files: { "fleet.yaml": fleetFile("{ devices: [mine-1] }") }, env: FAST });
  succeeded(await first.up());
  const [device] = await devices.connect([
    {
      clientId: "mine-1",
      cert: String(await first.output("mine-1", "certificate")),
      key: String(await first.output("mine-1", "privateKey")),
    },
  ]);
  await device?.report({ battery: 87 });
  const before = await world.devices();

  const second = await world.stack({
    files: { "fleet.yaml": fleetFile("{ devices: [mine-1] }") },
    env: { ...FAST, NRF_CLOUD_JOURNAL: `${first.folder}/.nrfcloud/journal` },
  });
  expect((await second.preview()).output).not.toContain("an interrupted run");
  const refused = await second.up();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain(
    "Device mine-1 is in the account already, and this stack's state does not have it.",
  );
  expect((await world.devices()).map(({ certificate }) => certificate)).toEqual(
    before.map(({ certificate }) => certificate),
  );
});

test("an up after a destroy that took devices away without saving it sees that they are gone, and makes them anew", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..4}' }") },
    env: { NRF_CLOUD_READBACK_TIMEOUT: "3" },
  });
  succeeded(await stack.up());
  // Deletions are accepted and carried out, but nobody can look whether they are.
  const rules = ["FetchDevice", "ListDevices"].map((operation) => ({
    operations: [operation],
    probability: 1,
    fault: { kind: "serverError", status: 503 },
  }));
  await world.admin("PUT", "/faults", { seed: 1, rules });
  expect((await stack.destroy()).code).not.toBe(0);
  await world.admin("DELETE", "/faults");
  const left = (await world.devices()).map(({ id }) => id);
  expect(left.length).toBeLessThan(5);

  const preview = await stack.preview();
  expect(preview.output).toContain("was taken out of the account by a run that could not save that");
  succeeded(await stack.up());
  expect((await world.devices()).map(({ id }) => id)).toEqual(["lab-0", "lab-1", "lab-2", "lab-3", "lab-4"]);
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.destroy());
  expect(await world.devices()).toEqual([]);
});
