import { expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();

test("the API key of another team neither empties the state nor deletes anything", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..2}' }") } });
  succeeded(await stack.up());
  const names = await stack.resourceNames();
  const key = await stack.output("lab-0", "privateKey");

  stack.useApiKey(world.otherTeamKey);
  for (const run of [await stack.refresh(), await stack.preview(), await stack.destroy()]) {
    expect(run.code).not.toBe(0);
    expect(run.output).toMatch(/Device lab-\d belongs to team .*, but the API key is of team/);
  }
  expect(await stack.resourceNames()).toEqual(names);
  expect(await stack.output("lab-0", "privateKey")).toBe(key);
  expect(await world.devices()).toHaveLength(3);

  stack.useApiKey(world.emulator.apiKey);
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.destroy());
});

test("another stack of the same project is refused what this one has, whatever the journal holds", async () => {
  const first = await world.stack({ files: { "fleet.yaml": fleetFile("{ devices: [mine-1, mine-2] }") } });
  succeeded(await first.up());
  const before = await world.devices();
  const second = await world.stack({
    name: "other",
    files: { "fleet.yaml": fleetFile("{ devices: [mine-1, mine-2] }") },
    env: { NRF_CLOUD_JOURNAL: `${first.folder}/.nrfcloud/journal` },
  });
  expect((await second.preview()).output).not.toContain("an interrupted run");
  const refused = await second.up();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain(
    "Device mine-1 is in the account already, and this stack's state does not have it.",
  );
  expect(await world.devices()).toEqual(before);
});
