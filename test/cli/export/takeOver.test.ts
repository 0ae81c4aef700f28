import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { useDevices } from "../../support/simulated.js";
import { succeeded, type Stack } from "../../support/stack.js";
import { fleetCommand } from "../../support/fleetCommand.js";
import { useWorld } from "../../support/world.js";
import { certified, clientOf, environmentOf, onboard, populate, wholeAccount } from "./world.js";

const world = useWorld({ mqttPort: 0, jitpDelayMs: 300 });
const devices = useDevices(world);

function exported(stack: Stack, ...args: string[]) {
  return fleetCommand(["export", ...args], { env: environmentOf(world), cwd: stack.folder });
}

function fileOf(stack: Stack): string {
  return readFileSync(path.join(stack.folder, "fleet.yaml"), "utf8");
}

test("the devices of an account are exported, adopted without a change, and agree with the file from then on", async () => {
  const uuid = await populate(world, devices);
  const before = await wholeAccount(world);
  const stack = await world.stack();
  const { code, stdout, stderr } = await exported(stack, "--out", "fleet.yaml");
  expect(code, stderr).toBe(0);
  expect(stdout).toBe("");
  expect(stderr).toContain("The command wrote 22 devices to fleet.yaml, and changed nothing in the account.");
  expect(stderr).toMatch(/provisioned 1 device just in time .*: jit-1\./);
  expect(stderr).toContain(`claimed 1 device by attestation token`);
  expect(fileOf(stack)).toContain(
    `#       - { uuid: ${uuid}, token: { config: token-${uuid} }, tags: [nrf-cloud-onboarding] }\n`,
  );

  // The preview shows the adoptions, and nothing else.
  const preview = await stack.preview();
  succeeded(preview);
  expect(preview.output).toMatch(
    /Note: 22 devices \(.*\): The account has these devices already\. The provider adopts them/,
  );
  expect(preview.output).not.toMatch(/^ +(!|~|-) /m);
  succeeded(await stack.up());
  expect(await wholeAccount(world)).toEqual(before);

  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.refresh("--expect-no-changes"));
  succeeded(await stack.preview("--expect-no-changes"));
  expect(await wholeAccount(world)).toEqual(before);

  const again = await exported(stack, "--update", "fleet.yaml", "--check");
  expect(again, again.stderr).toMatchObject({ code: 0 });
});

test("an update writes changes of the account to the file, and after a refresh the preview is empty", async () => {
  await onboard(world, [
    certified("bench-1", "kit", "bench"),
    certified("bench-2", "kit", "bench|own"),
    ...["lab-1", "lab-2", "lab-3"].map((id) => certified(id, "tracker", "lab")),
  ]);
  await world.admin("PATCH", "/devices/bench-1", { name: "Bench 1" });
  const stack = await world.stack();
  expect((await exported(stack, "--out", "fleet.yaml")).code).toBe(0);
  stack.write("fleet.yaml", fileOf(stack).replace("groups:\n", "groups:   # all of ours\n"));
  succeeded(await stack.up());

  await world.admin("PATCH", "/devices/bench-1", { name: "Bench One", tags: ["bench", "oslo"] });
  for (const id of ["lab-1", "lab-2", "lab-3"]) {
    await world.admin("PATCH", `/devices/${id}`, { subType: "tracker-2", tags: ["lab", "night"] });
  }
  await onboard(world, [certified("lab-4", "tracker-2", "lab|night"), certified("new-1", "", "new")]);
  await expect.poll(async () => (await clientOf(world).get("/devices/new-1")).status).toBe(200);

  const checked = await exported(stack, "--update", "fleet.yaml", "--check");
  expect(checked.code).toBe(1);
  expect(checked.stderr).toContain("nrfcloud-fleet: fleet.yaml and the account differ (");
  expect(checked.stderr).not.toMatch(/^\s+at /m);
  const before = fileOf(stack);
  const updated = await exported(stack, "--update", "fleet.yaml");
  expect(updated.code, updated.stderr).toBe(0);
  expect(updated.stderr).toContain("Run `pulumi refresh` before the next `pulumi up`");
  expect(fileOf(stack)).not.toBe(before);
  expect(fileOf(stack)).toContain("groups:   # all of ours\n");

  const account = await wholeAccount(world);
  succeeded(await stack.refresh());
  expect(await stack.plannedSteps()).toEqual(["update fleet"]);
  const preview = await stack.preview("--diff");
  expect(preview.output).toContain(
    '+ lab-4: "subType=tracker-2 tags=lab,night credential=existing adopt=keep"',
  );
  expect(preview.output).toContain('+ new-1: "tags=new credential=existing adopt=keep"');
  succeeded(await stack.up());
  succeeded(await stack.preview("--expect-no-changes"));
  expect(await wholeAccount(world)).toEqual(account);
  expect(await exported(stack, "--update", "fleet.yaml", "--check")).toMatchObject({ code: 0 });

  // A device is let go of: out of the state and out of the file, and the account keeps it.
  const forgotten = await stack.fleet("forget", "new-1", "--yes");
  expect(forgotten.code, forgotten.stderr).toBe(0);
  stack.write("fleet.yaml", fileOf(stack).replace(/\n {2}new:\n(?: {4}.*\n)+/, "\n"));
  succeeded(await stack.preview("--expect-no-changes"));
  expect(await wholeAccount(world)).toEqual(account);
});
