// `npm run quickstart`: a fleet of ten devices in an emulated nRF Cloud, by the real Pulumi engine.

import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { serverRootOf, startLocalCloud } from "./localCloud.mjs";
import { nextSteps } from "./quickstart/nextSteps.mjs";
import { root, step } from "./setup.mjs";

const STACK = "quickstart";
const FOLDER = ".quickstart";

const cloud = await startLocalCloud({
  name: "quickstart",
  port: process.env.NRF_CLOUD_EMULATOR_PORT ?? "8787",
  mqttPort: process.env.NRF_CLOUD_EMULATOR_MQTT_PORT ?? "8883",
});

// A copy, for people to change.
const fleetFile = path.join(FOLDER, "fleet.yaml");
if (!existsSync(path.join(root, fleetFile)))
  copyFileSync(path.join(root, "examples", "quickstart", "fleet.yaml"), path.join(root, fleetFile));
writeFileSync(path.join(root, FOLDER, "server-root.pem"), await serverRootOf(cloud));

cloud.pulumiOutput(["stack", "select", "--create", STACK]);
cloud.pulumiOutput(["config", "set", "fleet", fleetFile, "--stack", STACK]);

step(`nrfcloud-fleet apply --yes   (declares ${fleetFile})`);
cloud.fleet(["apply", "--yes", "--stack", STACK]);
step("nrfcloud-fleet status");
cloud.fleet(["status", "--stack", STACK]);

console.log(`\nSee the devices at ${cloud.pageUrl}\n\nTry next. You can copy each command as it is:`);
for (const { title, commands } of nextSteps({
  folder: FOLDER,
  stack: STACK,
  emulator: new URL(cloud.pageUrl).origin,
})) {
  console.log(`\n  ${title}:`);
  for (const command of commands) console.log(`    ${command}`);
}
