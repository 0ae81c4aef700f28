import { expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();

/** A device in the account that no state knows of. */
async function leaveDeviceBehind(
  file = fleetFile("{ devices: [old-1], subType: tracker, tags: [before], name: Old }"),
) {
  const maker = await world.stack({ files: { "fleet.yaml": file } });
  await maker.up();
  const [device] = await world.devices();
  return device;
}

test("a device that is already in the account is refused unless it is adopted", async () => {
  await leaveDeviceBehind();
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ devices: [old-1], subType: tracker }") },
  });
  const refused = await stack.up();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain(
    "Device old-1 is in the account already, and this stack's state does not have it.",
  );
  expect(refused.output).toContain("`adopt: true`");
  expect(await stack.resourceNames()).toEqual(["fleet-ca"]);
});

test("an adopted device keeps its certificate and its name, gets its tags, and is managed from then on", async () => {
  const before = await leaveDeviceBehind();
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ devices: [old-1], subType: tracker, tags: [after], adopt: true }") },
  });
  const up = await stack.up();
  succeeded(up);
  expect(up.output).toContain(
    "old-1: was in the account already and is adopted with the certificate it has.",
  );
  const [after] = await world.devices();
  expect(after).toMatchObject({ name: "Old", tags: ["after"], certificate: before?.certificate });
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.refresh("--expect-no-changes"));

  // A new CA is none of the business of a device that keeps what it has.
  stack.write(
    "fleet.yaml",
    fleetFile("{ devices: [old-1], subType: tracker, tags: [after], adopt: true }").replace(
      "Test CA",
      "Next CA",
    ),
  );
  succeeded(await stack.up());
  expect((await world.devices())[0]).toMatchObject({ name: "Old", certificate: before?.certificate });

  succeeded(await stack.destroy());
  expect(await world.devices()).toEqual([]);
});

test("adopting without a CA needs no certificate at all", async () => {
  await leaveDeviceBehind();
  const stack = await world.stack({
    files: {
      "fleet.yaml":
        "apiVersion: nrfcloud.dev/v1\nkind: Fleet\ngroups:\n  lab: { devices: [old-1], subType: tracker, tags: [before], adopt: true }\n",
    },
  });
  succeeded(await stack.up());
  succeeded(await stack.preview("--expect-no-changes"));
});

test("adopt: recertify gives the device a new certificate, and the preview of the change says so", async () => {
  const before = await leaveDeviceBehind();
  const file = (adopt: string) =>
    fleetFile(`{ devices: [old-1], subType: tracker, tags: [before], adopt: ${adopt} }`);
  const stack = await world.stack({ files: { "fleet.yaml": file("true") } });
  succeeded(await stack.up());

  stack.write("fleet.yaml", file("recertify"));
  const preview = await stack.preview();
  expect(preview.output).toContain("old-1: gets a new key and certificate");
  succeeded(await stack.up());
  expect((await world.devices())[0]?.certificate?.fingerprint).not.toBe(before?.certificate?.fingerprint);
  expect(await stack.output("old-1", "privateKey")).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  succeeded(await stack.preview("--expect-no-changes"));
});

test("a device of another sub-type can't be adopted, and the account stays as it is", async () => {
  await leaveDeviceBehind();
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ devices: [old-1], subType: other, adopt: true }") },
  });
  const refused = await stack.up();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain('its sub-type in the account is "tracker", declared is "other"');
  expect((await world.devices())[0]).toMatchObject({ tags: ["before"] });
});

test("a device to adopt that does not exist is onboarded, if there is a CA for it", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ devices: [new-1], adopt: true }") },
  });
  succeeded(await stack.up());
  expect(await stack.output("new-1", "privateKey")).toMatch(/^-----BEGIN PRIVATE KEY-----/);
});
