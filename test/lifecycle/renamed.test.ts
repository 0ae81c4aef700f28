import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { credentialsFor } from "../support/credentials.js";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

/** What only the real engine shows of replacements, renames and targets; the table of cases is `renames.test.ts`. */

const world = useWorld();

const OPENING = `
const n = require("pulumi-nrfcloud");
const ca = new n.CaCertificate("ca", { subject: { commonName: "CA" } });
const journal = new n.JournalKey("journal");
const set = new n.DeviceSet("set", { devices: { "kit-1": {}, "kit-2": {} }, ca, journal });
`;
const device = (name: string, more = "", credential = "{ ca }") =>
  `new n.Device("${name}", { deviceId: "dev-1", credential: ${credential}, ${more} journal }, { dependsOn: [ca, set] });\n`;
const rule = (description: string) =>
  `new n.ProvisioningRule("rule", { name: "rule", description: "${description}", tags: ["t"], commands: [{ finished: {} }] });\n`;
const urn = (type: string, name: string) =>
  `urn:pulumi:dev::test::pulumi-nodejs:dynamic/nrfcloud:${type}::${name}`;

test("a device in the field is not changed when its resource is replaced, tainted or renamed; --target has the CA it needs", async () => {
  const stack = await world.stack({ program: OPENING + device("one") + rule("1") });
  succeeded(await stack.up());

  // What nRF Cloud can't change is replaced, though the engine checks it as a new resource then.
  stack.write("index.js", OPENING + device("one", 'subType: "x",') + rule("2"));
  const replaced = await stack.up();
  succeeded(replaced);
  expect(replaced.output).toContain("2 replaced");

  const target = urn("Device", "one");
  stack.write(
    "index.js",
    OPENING + device("one", 'subType: "x",', "{ ca }, rotation: { generation: 2 }") + rule("2"),
  );
  const [before] = await world.devices();
  succeeded(await stack.up("--target", target));
  const made = await world.devices();
  expect(made[0]?.certificate).not.toEqual(before?.certificate);

  succeeded(await stack.pulumi("state", "taint", target, "--yes"));
  const forced = await stack.up("--replace", urn("DeviceSet", "set"), "--continue-on-error");
  expect(await world.devices()).toEqual(made);
  expect(forced.output).toMatch(/untaint|is kept in the account/);

  succeeded(await stack.pulumi("state", "untaint", target, "--yes"));
  stack.write("index.js", OPENING + device("two", 'subType: "x", adopt: true,') + rule("2"));
  const adopted = await stack.up();
  succeeded(adopted);
  expect(adopted.output).toContain("+ 1 device to adopt: dev-1");
  expect(await world.devices()).toEqual(made);
});

test("the ready program of a fleet without a CA counts every row, and has no empty outputs", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-ready-"));
  const stack = await world.stack({
    folder,
    files: {
      "Pulumi.yaml": `name: test\nruntime: nodejs\nmain: ${process.cwd()}/dist/program/index.js\n`,
      "package.json": JSON.stringify({ name: "ready", private: true }),
      "key.pem": credentialsFor("own-1").publicKey[0],
      "fleet.yaml": `apiVersion: nrfcloud.dev/v1
kind: Fleet
groups: { own: { devices: [{ id: own-1, publicKey: { file: key.pem } }] } }
jitp: { kits: { devices: [{ id: kit-1, code: { env: KIT_CODE } }] } }
`,
    },
    env: { KIT_CODE: "314159", PWD: folder },
  });
  const preview = await stack.preview();
  succeeded(preview);
  expect(preview.output).toMatch(/devices\s*: 2/);
  expect(preview.output).not.toMatch(/Undefined value|caCertificate/);
});
