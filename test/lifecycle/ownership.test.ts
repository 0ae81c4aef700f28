import { expect, test } from "vitest";
import { deviceCredentials, useDevices } from "../support/simulated.js";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld({ mqttPort: 0, jitpDelayMs: 300 });
const devices = useDevices(world);

const CODE = "sesame-271828";

/** A program whose flashing station writes what the devices need into `flash.json` as soon as it is known. */
function program(ids: readonly string[], more = "wait: 60", certificates = true): string {
  return `
    const { writeFileSync } = require("node:fs");
    const pulumi = require("@pulumi/pulumi");
    const { JitpCertificate, OwnershipClaim } = require("pulumi-nrfcloud");
    const certificates = ${certificates}
      ? ${JSON.stringify(ids)}.map((deviceId) => new JitpCertificate(deviceId + "-certificate", { deviceId, ownershipCode: "${CODE}" }))
      : [];
    if (certificates.length > 0 && !pulumi.runtime.isDryRun()) {
      pulumi.all(certificates.map(({ deviceId, certificateBundle, privateKey }) => pulumi.all({ clientId: deviceId, cert: certificateBundle, key: privateKey })))
        .apply((all) => writeFileSync("flash.json", JSON.stringify(all), { mode: 0o600 }));
    }
    for (const deviceId of ${JSON.stringify(ids)}) {
      new OwnershipClaim(deviceId, { deviceId, ownershipCode: "${CODE}", ${more} }, { dependsOn: certificates });
    }
  `;
}

test("from nothing to claimed: devices connect while up waits, and destroy releases them", async () => {
  const ids = ["bench-1", "bench-2", "bench-3"];
  const stack = await world.stack({
    program: program(ids, "wait: 60, tags: ['bench'], name: 'Bench', subType: 'kit'"),
  });
  const connecting = devices.connectWhenFlashed(stack, "flash.json");
  const up = await stack.up();
  succeeded(up);
  await connecting;

  expect((await world.devices()).map(({ id, tags, name, subType }) => ({ id, tags, name, subType }))).toEqual(
    ids.map((id) => ({ id, tags: ["bench"], name: "Bench", subType: "kit" })),
  );
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.refresh("--expect-no-changes"));

  const preview = await stack.pulumi("destroy", "--preview-only");
  expect(preview.output).toMatch(/JitpCertificate bench-1-certificate delete\[retain\]/);
  succeeded(await stack.destroy());
  expect(await world.ownedDevices()).toEqual([]);
  // Released, not deleted: they can be claimed again.
  const again = await world.stack({ program: program(ids, "wait: 10", false) });
  succeeded(await again.up());
  expect(await world.ownedDevices()).toHaveLength(3);
  succeeded(await again.destroy());
});

test("a device that does not connect in time fails, or stays pending and is claimed by a later up", async () => {
  const stack = await world.stack({ program: program(["late-1"], "wait: 1") });
  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("Device late-1 has not connected to nRF Cloud within 1 s");
  expect(await stack.resourceNames()).toEqual(["late-1-certificate"]);

  stack.write("index.js", program(["late-1"], "wait: 1, pending: 'allow'"));
  const pending = await stack.up();
  succeeded(pending);
  expect(pending.output).toContain("late-1: has not connected yet; the claim is kept as pending");
  expect(await stack.output("late-1", "pendingConnect")).toBe(true);
  succeeded(await stack.refresh());
  expect(await stack.plannedSteps()).toEqual(["update late-1"]);

  await devices.connect(await deviceCredentials(stack, ["late-1"]));
  succeeded(await stack.up());
  expect(await stack.output("late-1", "pendingConnect")).toBeUndefined();
  expect((await world.ownedDevices()).map(({ id }) => id)).toEqual(["late-1"]);
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.destroy());
});

test("a pending claim can be destroyed", async () => {
  const stack = await world.stack({ program: program(["never-1"], "wait: 0, pending: 'allow'") });
  succeeded(await stack.up());
  succeeded(await stack.destroy());
});

test("a wrong code and a device of another team fail with messages of their own, and the code is never shown", async () => {
  const maker = await world.stack({ program: program(["shared-1"], "wait: 60") });
  const connecting = devices.connectWhenFlashed(maker, "flash.json");
  succeeded(await maker.up());
  await connecting;

  const other = await world.stack({
    apiKey: world.otherTeamKey,
    program: program(["shared-1"], "wait: 5", false),
  });
  const taken = await other.up();
  expect(taken.code).not.toBe(0);
  expect(taken.output).toContain("Device shared-1 belongs to another team.");

  succeeded(await maker.destroy());
  const wrong = await world.stack({
    program: program(["shared-1"], "wait: 5", false).replaceAll(CODE, "open-wrong-1"),
  });
  const refused = await wrong.up();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain("The ownership code of device shared-1 is not the right one.");
  expect(refused.output).not.toContain("open-wrong-1");
  expect(wrong.leftOnDisk()).not.toContain("open-wrong-1");
  expect(taken.output).not.toContain(CODE);
  expect(maker.leftOnDisk()).not.toContain(CODE);
});

test("a pending claim of a device that was claimed by hand meanwhile neither adopts it unasked nor releases it", async () => {
  const stack = await world.stack({ program: program(["hand-2"], "wait: 0, pending: 'allow'") });
  succeeded(await stack.up());
  await devices.connect(await deviceCredentials(stack, ["hand-2"]));
  await fetch(`${world.emulator.url}/association/hand-2`, {
    method: "PUT",
    headers: { authorization: `Bearer ${world.emulator.apiKey}` },
    body: CODE,
  });
  const refused = await stack.up();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain(
    "Device hand-2 is in the account already, and this stack did not claim it.",
  );
  succeeded(await stack.destroy());
  expect((await world.ownedDevices()).map(({ id }) => id)).toEqual(["hand-2"]);
});

test("a device that was claimed by hand is adopted only when asked for", async () => {
  const stack = await world.stack({ program: program(["hand-1"], "wait: 0, pending: 'allow'") });
  succeeded(await stack.up());
  await devices.connect(await deviceCredentials(stack, ["hand-1"]));
  const response = await fetch(`${world.emulator.url}/association/hand-1`, {
    method: "PUT",
    headers: { authorization: `Bearer ${world.emulator.apiKey}` },
    body: CODE,
  });
  expect(response.status).toBe(202);

  const other = await world.stack({ program: program(["hand-1"], "wait: 5", false) });
  const refused = await other.up();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain(
    "Device hand-1 is in the account already, and this stack did not claim it.",
  );
  other.write("index.js", program(["hand-1"], "wait: 5, adopt: true, tags: ['mine']", false));
  succeeded(await other.up());
  expect(await world.ownedDevices()).toMatchObject([{ id: "hand-1", tags: ["mine"] }]);
  succeeded(await other.preview("--expect-no-changes"));
});

test("drift of a claimed device is seen by a refresh, and mended by up", async () => {
  const stack = await world.stack({ program: program(["drift-1"], "wait: 30, tags: ['a'], name: 'Mine'") });
  const connecting = devices.connectWhenFlashed(stack, "flash.json");
  succeeded(await stack.up());
  await connecting;
  await world.admin("PATCH", "/devices/drift-1", { tags: ["a", "stray"], name: "Renamed" });
  succeeded(await stack.refresh());
  expect(await stack.plannedSteps()).toEqual(["update drift-1"]);
  succeeded(await stack.up());
  expect(await world.ownedDevices()).toMatchObject([{ id: "drift-1", name: "Mine", tags: ["a"] }]);
  succeeded(await stack.preview("--expect-no-changes"));
});

test("pre-connect devices of a fleet connect with their own keys right after up, and are refused right after destroy", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": fleetFile("{ ids: 'pre-{1..3}' }") } });
  succeeded(await stack.up());
  const credentials = await Promise.all(
    ["pre-1", "pre-2", "pre-3"].map(async (clientId) => ({
      clientId,
      cert: String(await stack.output(clientId, "certificate")),
      key: String(await stack.output(clientId, "privateKey")),
    })),
  );
  await devices.connect(credentials);
  await devices.disconnect();
  succeeded(await stack.destroy());
  for (const credential of credentials) await expect(devices.connect([credential], 3)).rejects.toThrow();
});

test("a fleet file declares just-in-time devices with codes from the environment and the factory's CSV", async () => {
  const stack = await world.stack({
    files: {
      "fleet.yaml": `apiVersion: nrfcloud.dev/v1
kind: Fleet
jitp:
  bench:
    certificates: true
    wait: 0
    pending: allow
    tags: [bench]
    devices:
      - { id: listed-1, code: { env: LISTED_CODE } }
  factory:
    csv: factory.csv
    certificates: true
    wait: 0
    pending: allow
`,
      "factory.csv": `id,code,name\ncsv-1,${CODE},From the factory\n`,
    },
    env: { LISTED_CODE: "listed-code-1" },
  });
  succeeded(await stack.up());
  expect((await stack.resourceNames()).sort()).toEqual([
    "csv-1",
    "csv-1-certificate",
    "listed-1",
    "listed-1-certificate",
  ]);
  await devices.connect(await deviceCredentials(stack, ["listed-1", "csv-1"]));
  succeeded(await stack.up());
  expect(await world.ownedDevices()).toMatchObject([
    { id: "csv-1", name: "From the factory" },
    { id: "listed-1", tags: ["bench"] },
  ]);
  const kept = stack.leftOnDisk();
  for (const secret of ["listed-code-1", CODE]) expect(kept).not.toContain(secret);
  succeeded(await stack.destroy());
});
