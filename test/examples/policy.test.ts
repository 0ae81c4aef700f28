import { chmodSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { expect, test } from "vitest";
import { succeeded, type Stack } from "../support/stack.js";
import { useWorld } from "../support/world.js";

const world = useWorld();
const require = createRequire(__filename);

const fleet = (more: string, tags: string) => `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca: { subject: { commonName: Policy CA }, validityDays: 7300 }
${more}groups:
  lab: { ids: "lab-{1..3}", tags: [${tags}] }
`;

/**
 * The pack, to be started by a script: a language host that was built from Go modules is too old to start packs, and engines take
 * a program in place of a pack's folder.
 */
function pack(stack: Stack): string {
  stack.write("policy/index.js", readFileSync("examples/policy/index.js", "utf8"));
  stack.write("policy/package.json", readFileSync("examples/policy/package.json", "utf8"));
  stack.write("policy/PulumiPolicy.yaml", readFileSync("examples/policy/PulumiPolicy.yaml", "utf8"));
  const starter = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  stack.write("policy/start", `#!/bin/sh\ncd "$(dirname "$0")" && exec node "${starter}" "$1" .\n`);
  const file = path.join(stack.folder, "policy", "start");
  chmodSync(file, 0o755);
  return file;
}

test("the policy pack stops a fleet that breaks a rule before a device is onboarded, and lets a good one pass", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": fleet("", "") } });
  const policy = ["--policy-pack", pack(stack)];
  const refused = await stack.up(...policy);
  expect(refused.code, refused.output).not.toBe(0);
  expect(refused.output).toMatch(/fleets-limit-deletions[^]*Add maxDeletes to the fleet file\./);
  expect(refused.output).toMatch(/devices-are-tagged[^]*3 without a tag: lab-1, lab-2, lab-3\./);
  expect(refused.output).toMatch(/authorities-end[^]*The CA is valid for 7300 days\./);
  expect(await world.devices()).toEqual([]);

  stack.write("fleet.yaml", fleet("maxDeletes: 1\n", "lab"));
  const passed = await stack.up(...policy);
  succeeded(passed);
  expect(passed.output).toContain("The CA is valid for 7300 days.");
  expect(await world.devices()).toHaveLength(3);
});
