import { expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld({ mqttPort: 0 });

const PENDING = `jitp:
  bench:
    certificates: true
    wait: 0
    pending: allow
    devices:
      - { id: late-1, code: { env: CODE } }
      - { id: late-2, code: { env: CODE } }
`;

test("failed and waiting devices, and what a destroy leaves, are reported with the next step for each", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..4}' }", PENDING) },
    env: { CODE: "sesame-271828" },
  });
  const reason = "The moon is in the wrong phase.";
  await world.admin("PUT", "/settings", {
    rejectRows: { "lab-1": reason, "lab-2": reason, "lab-4": "Another reason." },
  });
  const apply = await stack.fleet("apply", "--yes");
  expect(apply.code).toBe(1);
  expect(apply.stdout).toContain("Not everything was done");
  expect(apply.stdout).toMatch(/^Not everything was done: 2 devices onboarded, /m);
  expect(apply.stdout).toMatch(new RegExp(`^Failed: 2 devices \\(lab-\\{1\\.\\.2\\}\\)\n  .*${reason}`, "m"));
  expect(apply.stdout).toMatch(/^Failed: 1 device \(lab-4\)\n {2}.*Another reason\./m);
  // The engine's own list of the same is not repeated.
  expect(apply.stdout.split(reason)).toHaveLength(2);
  expect(apply.stderr).toContain("The apply failed.");

  await world.admin("PUT", "/settings", { rejectRows: {} });
  const again = await stack.fleet("apply", "--yes");
  succeeded(again);
  expect(again.stdout).toContain("Done: 3 devices onboarded.");
  expect(again.stdout).toContain("2 devices wait for their first connect (late-{1..2})");
  expect(again.stdout).toContain("The next `nrfcloud-fleet apply` claims those that have connected");
  expect(await world.ownedDevices()).toHaveLength(5);

  // A check in the night stays quiet about devices that nobody has switched on yet.
  const plan = await stack.fleet("plan", "--detailed-exitcode");
  expect(plan.code).toBe(5);
  expect(plan.stdout).toContain("2 devices wait for their first connect: late-{1..2}");
  expect(plan.stdout).toContain("Nothing to do: 7 devices as declared.");

  const destroy = await stack.fleet("destroy", "--yes");
  succeeded(destroy);
  expect(destroy.stdout).toContain(
    "2 just-in-time certificates will remain valid at nRF Cloud (late-{1..2})",
  );
  expect(destroy.stdout).toContain("2 claims will leave the state only");
  expect(destroy.stdout).toContain("Done: 5 devices deleted, 2 devices forgotten, ");
  expect(destroy.stdout).toContain(
    "2 just-in-time certificates were forgotten, but remain valid at nRF Cloud (late-{1..2})",
  );
  for (const { output } of [apply, again, destroy]) expect(output).not.toContain("sesame-271828");
});
