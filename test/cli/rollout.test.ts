import { expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();

test("apply --rollout stops after the batch in which a device failed, names the rest, and the next apply continues", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..9}' }") } });
  const wrong = await stack.fleet("plan", "--rollout", "last=1");
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('"last=1" is not a roll-out');

  await world.admin("PUT", "/settings", { rejectRows: { "lab-3": "The moon is in the wrong phase." } });
  const stopped = await stack.fleet("apply", "--yes", "--rollout", "first=2,batch=3");
  expect(stopped.code).toBe(1);
  expect(stopped.stdout).toContain(
    "Roll-out: changes 2 devices first, then 3 at a time; stops when any fails.",
  );
  expect(stopped.stdout).toMatch(/^Not everything was done: 4 devices onboarded, /m);
  expect(stopped.stdout).toMatch(/^Failed: 1 device \(lab-3\)$/m);
  expect(stopped.stdout).toMatch(
    /^5 devices were not attempted \(lab-\{5\.\.9\}\)\n {2}The roll-out stopped/m,
  );
  expect(stopped.stdout).not.toContain("still to be done");
  expect(await world.devices()).toHaveLength(4);
  expect((await stack.fleet("list")).stdout).toMatch(/^lab-9 +not attempted/m);

  await world.admin("PUT", "/settings", { rejectRows: {} });
  const again = await stack.fleet("apply", "--yes");
  succeeded(again);
  expect(again.stdout).toContain("Done: 6 devices onboarded.");
  expect(await world.devices()).toHaveLength(10);
});
