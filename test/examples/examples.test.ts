import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { parseIdentities, readIdentityFolder } from "../../emulator/simulator/identities.js";
import { firstDevice } from "../../tools/quickstart/nextSteps.mjs";
import { useDevices } from "../support/simulated.js";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

const world = useWorld({ mqttPort: 0, jitpDelayMs: 300 });
const devices = useDevices(world);

const example = (file: string): string => readFileSync(`examples/${file}`, "utf8");

test("the ready program applies the quickstart's fleet file, and destroys it again", async () => {
  const stack = await world.stack({
    program: 'module.exports = require("pulumi-nrfcloud/program");',
    files: { "examples/quickstart/fleet.yaml": example("quickstart/fleet.yaml") },
  });
  succeeded(await stack.pulumi("config", "set", "fleet", "examples/quickstart/fleet.yaml"));
  succeeded(await stack.up());
  expect(await world.devices()).toHaveLength(10);
  expect((await stack.pulumi("stack", "output", "devices")).output.trim()).toBe("10");
  // As the quickstart suggests: one key into a folder, and its device connects with it.
  const keys = path.join(stack.folder, "keys");
  const serverRoot = path.join(stack.folder, "server-root.pem");
  writeFileSync(serverRoot, world.emulator.mqtt?.caCert ?? "");
  succeeded(await stack.fleet("credentials", firstDevice, "--out", keys, "--server-root", serverRoot));
  await devices.connect(await readIdentityFolder(keys));
  succeeded(await stack.destroy());
  expect(await world.devices()).toEqual([]);
});

test("the just-in-time example: pending first, claimed once its devices have connected, released by destroy", async () => {
  const stack = await world.stack({
    program: example("jitp/index.js"),
    files: { "fleet.yaml": example("jitp/fleet.yaml") },
    env: { BENCH_CODE: "314159" },
  });
  succeeded(await stack.up());
  expect(await world.ownedDevices()).toEqual([]);
  const { output } = await stack.pulumi("stack", "output", "credentials", "--show-secrets", "--json");
  await devices.connect(parseIdentities(output));
  const apply = await stack.fleet("apply", "--yes");
  succeeded(apply);
  expect(apply.stdout).toContain("Done: 2 devices claimed.");
  expect(await world.ownedDevices()).toMatchObject([
    { id: "bench-1" },
    { id: "bench-2", name: "Second bench" },
  ]);
  succeeded(await stack.destroy());
  expect(await world.ownedDevices()).toEqual([]);
});
