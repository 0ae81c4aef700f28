import { expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();

test("a partly failed bulk job keeps the good devices, names the bad ones, and the next up completes", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..4}' }") } });
  await world.admin("PUT", "/settings", {
    rejectRows: {
      "lab-1": "The moon is in the wrong phase.",
      "lab-3": "Thing lab-3 already exists in account with different attributes",
    },
  });

  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("Device lab-1 was not onboarded: The moon is in the wrong phase.");
  expect(failed.output).toContain("Device lab-3 was not onboarded: Thing lab-3 already exists");
  expect(failed.output).toContain("another team has this id");
  expect(failed.output).not.toMatch(/^\s+at .*\.js:\d+/m);
  expect((await world.devices()).map(({ id }) => id)).toEqual(["lab-0", "lab-2", "lab-4"]);
  const before = await world.devices();

  await world.admin("PUT", "/settings", { rejectRows: {} });
  expect(await stack.plannedSteps()).toEqual(["create lab-1", "create lab-3"]);
  succeeded(await stack.up());
  const after = await world.devices();
  expect(after.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4].map((n) => `lab-${n}`));
  expect(after.filter(({ id }) => id !== "lab-1" && id !== "lab-3")).toEqual(before);
  succeeded(await stack.preview("--expect-no-changes"));
});

test("a device whose id belongs to another team fails alone, and says so", async () => {
  const [, otherTeam] = world.emulator.teams;
  const other = await world.stack({
    apiKey: otherTeam?.apiKeys[0]?.key ?? "",
    files: { "fleet.yaml": fleetFile("{ devices: [taken] }") },
  });
  succeeded(await other.up());

  const stack = await world.stack({ files: { "fleet.yaml": fleetFile("{ devices: [mine, taken] }") } });
  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("Device taken was not onboarded");
  expect(failed.output).toContain("unique across all customers");
  expect(await stack.resourceNames()).toEqual(["fleet-ca", "mine"]);
});
