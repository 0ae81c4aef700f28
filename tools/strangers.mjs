// `npm run strangers`: other people's tools fill an emulated account, and the provider takes over what they made.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { startLocalCloud } from "./localCloud.mjs";
import { installMemfaultTool, installNordicTool, MEMFAULT_TOOL, NORDIC_TOOL } from "./nordicTool.mjs";
import { installDependencies, root, step } from "./setup.mjs";
import { accountAt } from "./strangers/account.mjs";
import { expect, expectIds } from "./strangers/expect.mjs";
import { fillAccount } from "./strangers/onboarding.mjs";
import { toolsOf } from "./strangers/tools.mjs";

const STACK = "strangers";
const stackFile = path.join(root, `Pulumi.${STACK}.yaml`);

// First of all, because it replaces node_modules, where the tools are installed.
installDependencies();
step(`Installing ${NORDIC_TOOL} and ${MEMFAULT_TOOL} …`);
try {
  installNordicTool();
  installMemfaultTool();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

rmSync(path.join(root, `.${STACK}`), { recursive: true, force: true });
rmSync(stackFile, { force: true });
const cloud = await startLocalCloud({
  name: STACK,
  port: process.env.NRF_CLOUD_EMULATOR_PORT ?? "8807",
  mqttPort: process.env.NRF_CLOUD_EMULATOR_MQTT_PORT ?? "8903",
});
process.on("exit", () => {
  process.kill(Number(readFileSync(path.join(cloud.folder, "emulator.pid"), "utf8")));
});

const folder = path.join(cloud.folder, "work");
mkdirSync(path.join(folder, "keys"), { recursive: true });
const account = accountAt(cloud.adminUrl);
const tools = toolsOf({ folder, origin: new URL(cloud.adminUrl).origin });
const apiKey = cloud.env.NRF_CLOUD_API_KEY ?? "";
const idsOf = (/** @type {{ id: string }[]} */ items) => items.map(({ id }) => id);

const made = await fillAccount({ tools, account, folder, apiKey, step });
expectIds("The tools' devices", idsOf(await account.devices()), made.devices);
expectIds("The tools' claims", idsOf(await account.claims()), made.claimed);
console.log(`  ${made.devices.length} devices, ${made.claimed.length} of them claimed`);

step("nrfcloud-fleet export …");
const fleetFile = path.join(folder, "fleet.yaml");
const cli = path.join(root, "dist", "cli", "main.js");
const exported = spawnSync(process.execPath, [cli, "export", "--out", fleetFile], {
  cwd: root,
  env: { ...process.env, ...cloud.env },
  encoding: "utf8",
});
expect({ status: exported.status, output: `${exported.stdout}${exported.stderr}` }, 0);
writeFileSync(fleetFile, withClaims(readFileSync(fleetFile, "utf8")));

step("pulumi up takes all of it over …");
cloud.pulumi(["stack", "select", "--create", STACK]);
cloud.pulumi(["config", "set", "fleet", path.relative(root, fleetFile), "--stack", STACK]);
cloud.pulumi(["up", "--yes", "--stack", STACK]);
cloud.pulumi(["preview", "--expect-no-changes", "--stack", STACK]);
expectIds("After the takeover", idsOf(await account.devices()), made.devices);

step("A tag more for the 4 devices …");
writeFileSync(fleetFile, readFileSync(fleetFile, "utf8").replace("[barn, east]", "[barn, east, ours]"));
cloud.pulumi(["up", "--yes", "--stack", STACK]);
const changed = (await account.devices()).filter(({ tags }) => tags.includes("ours"));
expectIds(
  "Devices with the new tag",
  idsOf(changed),
  made.devices.filter((id) => id.startsWith("few-")),
);

step("pulumi destroy …");
cloud.pulumi(["destroy", "--yes", "--stack", STACK]);
expectIds("Devices that are left", idsOf(await account.devices()), []);
expectIds("Claims that are left", idsOf(await account.claims()), []);
rmSync(stackFile, { force: true });
step("All as it should be.");

/**
 * Puts the tokens into the section that the export has prepared for claims.
 * @param {string} text
 */
function withClaims(text) {
  const start = text.indexOf("# claims:");
  if (start < 0) throw new Error("The export has prepared no claims section.");
  return `${text.slice(0, start)}claims:
  taken-over:
    csv: attestation_tokens.csv
    tags: [nrf-cloud-onboarding]
    adopt: true
    unclaimOnDestroy: true
`;
}
