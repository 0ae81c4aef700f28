import { expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

const world = useWorld({ mqttPort: 0 });

/** A fleet whose file limits what may be deleted, and may protect one of its groups. */
function files(protect = false): Record<string, string> {
  return {
    "fleet.yaml": `apiVersion: nrfcloud.dev/v1
kind: Fleet
maxDeletes: 1
ca: { subject: { commonName: Test CA } }
groups:
  lab: { ids: ["lab-0", "lab-2"] }
  field: { ids: "lab-1", protect: ${protect} }
`,
  };
}

test("a stack whose fleet file limits deletes is only destroyed with the right number in --allow-deletes", async () => {
  const stack = await world.stack({ files: files() });
  succeeded(await stack.up());

  const plain = await stack.fleet("destroy", "--yes");
  expect(plain.code).toBe(1);
  expect(plain.stderr).toContain("this destroy would delete or release 3 devices. Nothing was changed.");
  expect(plain.stderr).toContain("--allow-deletes 3");

  const few = await stack.fleet("destroy", "--yes", "--allow-deletes", "2");
  expect(few.code).toBe(1);
  expect(few.stderr).toContain(
    "would delete or release 3 devices, and --allow-deletes allows 2. Nothing was changed.",
  );
  expect(await world.devices()).toHaveLength(3);
  expect((await stack.destroy()).code).not.toBe(0);
  expect(await world.devices()).toHaveLength(3);

  succeeded(await stack.fleet("destroy", "--yes", "--allow-deletes", "3"));
  expect(await world.devices()).toEqual([]);
});

test("protected devices prevent the destroy of a whole stack, whatever --allow-deletes allows", async () => {
  const stack = await world.stack({ files: files(true) });
  succeeded(await stack.up());
  const refused = await stack.fleet("destroy", "--yes", "--allow-deletes", "99");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(
    "The fleet file protects 1 device (lab-1) from a destroy. Nothing was changed.",
  );
  expect(await world.devices()).toHaveLength(3);
});

test("a failed destroy says that the remaining devices have no protection", async () => {
  const stack = await world.stack({ files: files() });
  succeeded(await stack.up());
  stack.useApiKey(world.otherTeamKey);
  const failed = await stack.fleet("destroy", "--yes", "--allow-deletes", "3");
  expect(failed.code).toBe(1);
  expect(failed.stdout).toContain("belongs to team");
  expect(failed.stdout).toContain("3 devices are still to be done (lab-{0..2})");
  expect(failed.stderr).toContain("The remaining devices have no protection now");
  expect(await world.devices()).toHaveLength(3);

  stack.useApiKey(world.emulator.apiKey);
  // Of a protection that was taken off by hand the engine says that nothing changes.
  const plan = await stack.fleet("plan", "--detailed-exitcode");
  expect(plan.stdout).toContain("Pulumi's protection will be set: fleet");
  expect(plan.code).toBe(4);
  succeeded(await stack.fleet("apply", "--yes"));
  expect((await stack.fleet("destroy", "--yes")).stderr).toContain("--allow-deletes 3");
  succeeded(await stack.fleet("destroy", "--yes", "--allow-deletes", "3"));
});
