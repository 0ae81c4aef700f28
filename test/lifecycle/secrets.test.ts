import { expect, test } from "vitest";
import { PASSPHRASE, succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();

/** The base64 body of a PEM, which would give it away wherever a part of it stands. */
function bodyOf(pem: unknown): string[] {
  return String(pem)
    .split("\n")
    .filter((line) => line.length > 20 && !line.startsWith("-----"));
}

test("no private key, API key or passphrase is in clear in state, journal, output or errors", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..3}', tags: [a] }") },
    env: { NODE_DEBUG: "" },
  });
  const outputs: string[] = [];
  const record = ({ output }: { output: string }) => outputs.push(output);

  await world.admin("PUT", "/settings", { rejectRows: { "lab-2": "No." } });
  record(await stack.pulumi("up", "--yes", "--logtostderr", "-v=1"));
  await world.admin("PUT", "/settings", { rejectRows: {} });
  record(await stack.up("--diff"));
  stack.write("fleet.yaml", fleetFile("{ ids: 'lab-{0..3}', tags: [b], subType: x }"));
  record(await stack.preview("--diff"));
  record(await stack.preview("--json"));
  record(await stack.up());
  record(await stack.refresh("--diff"));
  record(await stack.pulumi("stack", "export"));

  const secrets = [PASSPHRASE, world.emulator.apiKey];
  for (const name of ["fleet-ca", "lab-0", "lab-1", "lab-2", "lab-3"]) {
    const key = await stack.output(name, "privateKey");
    const body = bodyOf(key);
    expect(body.length).toBeGreaterThan(1);
    secrets.push(...body);
  }
  const kept = stack.leftOnDisk();
  expect(kept).toContain("lab-0");
  for (const secret of secrets) {
    expect(kept).not.toContain(secret);
    for (const output of outputs) expect(output).not.toContain(secret);
  }
  expect(kept).not.toContain("PRIVATE KEY");

  const wrong = "wrong-api-key-0123456789";
  const failing = await world.stack({
    apiKey: wrong,
    files: { "fleet.yaml": fleetFile("{ devices: [x] }") },
  });
  const failed = await failing.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).not.toContain(wrong);
  expect(failing.leftOnDisk()).not.toContain(wrong);
});

test("an API key from the configuration is used, and kept encrypted", async () => {
  const stack = await world.stack({
    apiKey: "",
    files: { "fleet.yaml": fleetFile("{ devices: [x] }") },
  });
  await stack.pulumi("config", "set", "--secret", "nrfcloud:apiKey", world.emulator.apiKey);
  succeeded(await stack.up());
  expect(stack.leftOnDisk()).not.toContain(world.emulator.apiKey);
  succeeded(await stack.destroy());
  expect(await world.devices()).toEqual([]);
});

test("inputs that are marked as secret stay so in the state", async () => {
  const stack = await world.stack({
    program: `
      const pulumi = require("@pulumi/pulumi");
      const { CaCertificate, Device } = require("pulumi-nrfcloud");
      const ca = new CaCertificate("ca", { subject: { commonName: "Test CA" } });
      new Device("d-1", { deviceId: "d-1", credential: { ca }, name: pulumi.secret("Hidden device name") });
    `,
  });
  succeeded(await stack.up());
  expect((await world.devices())[0]?.name).toBe("Hidden device name");
  succeeded(await stack.refresh());
  expect(stack.leftOnDisk()).not.toContain("Hidden device name");
  succeeded(await stack.preview("--expect-no-changes"));
});
