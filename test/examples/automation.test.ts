import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, inject, test } from "vitest";
import { LEAN } from "../../tools/engine/engine.mjs";
import { useWorld } from "../support/world.js";

const world = useWorld();
let folder = "";
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("the example of the Automation API: settings reach the provider by `envVars`, also the override of a guard, and 20 devices are created and deleted", async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-automation-"));
  cpSync("examples/automation", folder, { recursive: true });
  symlinkSync(path.resolve("node_modules"), path.join(folder, "node_modules"));
  mkdirSync(path.join(folder, "state"));
  const { NRF_CLOUD_API_KEY: _, NRF_CLOUD_ENDPOINT: __, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ["run.mjs"], {
    cwd: folder,
    env: {
      ...env,
      ...LEAN,
      PATH: `${inject("engineBin")}${path.delimiter}${process.env.PATH ?? ""}`,
      PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "passphrase",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      LAB_API_KEY: world.emulator.apiKey,
      LAB_ENDPOINT: world.emulator.url,
    },
  });
  expect(stdout).toMatch(/^info: DeviceSet lab:\ninfo: \+ 20 devices to onboard: lab-\{00\.\.19\}/m);
  expect(stdout).toMatch(/^preview: \{"create":\d+\}$/m);
  expect(stdout).toMatch(/^progress: \{"step":"onboard","done":20,"total":20,/m);
  expect(stdout).toMatch(/^up: succeeded 20 devices$/m);
  expect(stdout).toMatch(/^refresh: \{"same":\d+\}$/m);
  expect(stdout).toMatch(/^info: - 10 devices will be deleted: lab-\{10\.\.19\}$/m);
  expect(stdout).toMatch(/^fewer: succeeded 10 devices$/m);
  expect(stdout).toMatch(/^destroy: succeeded$/m);
  expect(stdout).not.toContain("PRIVATE KEY");
  expect(stdout).not.toContain("debug");
  expect(await world.devices()).toEqual([]);
  // An inline program has no folder of its own but the one it runs in.
  expect(existsSync(path.join(folder, ".nrfcloud"))).toBe(true);
});
