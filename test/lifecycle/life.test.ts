import { expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();

test("a fleet lives from up to destroy, and every preview in between is true", async () => {
  const stack = await world.stack({
    files: {
      "fleet.yaml": fleetFile(
        "{ ids: 'lab-{0..4}', subType: tracker, tags: [lab], firmwareTypes: [APP, MODEM] }",
      ),
    },
  });

  const up = await stack.up();
  succeeded(up);
  const made = await world.devices();
  expect(made.map(({ id, subType, tags }) => ({ id, subType, tags }))).toEqual(
    [0, 1, 2, 3, 4].map((n) => ({ id: `lab-${n}`, subType: "tracker", tags: ["lab"] })),
  );

  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.refresh("--expect-no-changes"));
  succeeded(await stack.preview("--expect-no-changes"));

  // A tag changes in place: same devices, same certificates.
  stack.write(
    "fleet.yaml",
    fleetFile(
      "{ ids: 'lab-{0..4}', subType: tracker, tags: [lab, night], firmwareTypes: [APP, MODEM], name: 'Lab {id}' }",
    ),
  );
  expect(await stack.plannedSteps()).toEqual([0, 1, 2, 3, 4].map((n) => `update lab-${n}`));
  succeeded(await stack.up());
  const retagged = await world.devices();
  expect(retagged.map(({ tags, name }) => ({ tags, name }))).toEqual(
    [0, 1, 2, 3, 4].map((n) => ({ tags: ["lab", "night"], name: `Lab lab-${n}` })),
  );
  expect(retagged.map(({ certificate }) => certificate)).toEqual(made.map(({ certificate }) => certificate));

  // A sub-type can't be changed: the preview says replace, and what that costs.
  stack.write(
    "fleet.yaml",
    fleetFile("{ ids: 'lab-{0..4}', subType: gateway, tags: [lab, night], firmwareTypes: [APP, MODEM] }"),
  );
  const preview = await stack.preview();
  expect(preview.output).toContain("+-5 to replace");
  expect(preview.output).toContain(
    "5 times: will be deleted and onboarded anew because of subType: its history in nRF Cloud is lost",
  );
  succeeded(await stack.up());
  const replaced = await world.devices();
  expect(replaced.map(({ subType }) => subType)).toEqual(Array(5).fill("gateway"));
  expect(replaced[0]?.certificate?.fingerprint).not.toBe(made[0]?.certificate?.fingerprint);
  succeeded(await stack.preview("--expect-no-changes"));

  // Fewer devices: only those that left are deleted.
  stack.write(
    "fleet.yaml",
    fleetFile("{ ids: 'lab-{0..1}', subType: gateway, tags: [lab, night], firmwareTypes: [APP, MODEM] }"),
  );
  expect(await stack.plannedSteps()).toEqual([
    "delete lab-2",
    "delete lab-3",
    "delete lab-4",
    "update fleet-guard",
  ]);
  succeeded(await stack.up());
  expect((await world.devices()).map(({ id }) => id)).toEqual(["lab-0", "lab-1"]);

  succeeded(await stack.destroy());
  expect(await world.devices()).toEqual([]);
  expect(await stack.resourceNames()).toEqual([]);
});

test("a clean refresh shows drift of name, tags and vanished devices, and up mends it", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..3}', tags: [lab] }") },
  });
  await stack.up();
  await world.admin("DELETE", "/devices/lab-1");
  await world.admin("PATCH", "/devices/lab-2", { tags: ["lab", "stray"], name: "Renamed by hand" });

  const refresh = await stack.refresh();
  succeeded(refresh);
  expect(refresh.output).toMatch(/- 1 deleted/);
  expect(refresh.output).toMatch(/~ 1 updated/);
  expect(await stack.plannedSteps()).toEqual(["create lab-1", "update lab-2"]);
  const preview = await stack.preview("--diff");
  expect(preview.output).toContain('- name: "Renamed by hand"');
  expect(preview.output).toContain('- [1]: "stray"');

  succeeded(await stack.up());
  const mended = await world.devices();
  expect(mended.map(({ id, name, tags }) => ({ id, name, tags }))).toEqual(
    [0, 1, 2, 3].map((n) => ({ id: `lab-${n}`, name: `lab-${n}`, tags: ["lab"] })),
  );
  succeeded(await stack.preview("--expect-no-changes"));
});

test("a device that is already gone is deleted with success", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..2}' }") } });
  await stack.up();
  await world.admin("DELETE", "/devices/lab-0");
  succeeded(await stack.destroy());
  expect(await world.devices()).toEqual([]);
});

test("1,001 devices are onboarded and read back in bulk", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0000..1000}' }") },
    env: { PULUMI_SKIP_CHECKPOINTS: "true" },
  });
  await world.admin("DELETE", "/requests");
  succeeded(await stack.up("--parallel", "2000"));
  expect(await world.devices()).toHaveLength(1001);
  const { routes } = (await world.admin("GET", "/requests")) as { routes: Record<string, { count: number }> };
  // How many arrive together depends on the machine; what matters is that it is far from one a call.
  const jobs = routes["POST /v1/devices"]?.count ?? 0;
  const singles = routes["POST /v1/devices/:deviceId"]?.count ?? 0;
  expect(jobs).toBeGreaterThanOrEqual(1);
  expect(jobs + singles).toBeLessThanOrEqual(50);
  expect(routes["GET /v1/devices"]?.count).toBeLessThan(100);
});
