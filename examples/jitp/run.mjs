// `npm run example:jitp`: just-in-time devices against the emulator, from nothing to claimed and back.

import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { showDevices, startLocalCloud } from "../../tools/localCloud.mjs";
import { root, step } from "../../tools/setup.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
process.env.BENCH_CODE ??= "314159";

const cloud = await startLocalCloud({
  name: "example-jitp",
  port: process.env.NRF_CLOUD_EMULATOR_PORT ?? "8797",
  mqttPort: process.env.NRF_CLOUD_EMULATOR_MQTT_PORT ?? "8893",
});

step("First `pulumi up`: nRF Cloud issues the certificates; the claims stay pending …");
cloud.pulumi(["stack", "select", "--create", "dev"], here);
cloud.pulumi(["up", "--yes", "--stack", "dev"], here);

step("The devices are flashed and connect for the first time (simulated, over MQTT with their own keys) …");
const credentials = cloud.pulumiOutput(
  ["stack", "output", "credentials", "--show-secrets", "--json", "--stack", "dev"],
  here,
);
const simulated = spawnSync(
  process.execPath,
  [
    path.join(root, "dist", "emulator", "simulator", "main.js"),
    ...["--devices", "-", "--emulator", new URL(cloud.adminUrl).origin],
    ...["--until", "connected"],
  ],
  { input: credentials, stdio: ["pipe", "inherit", "inherit"] },
);
if (simulated.status !== 0) process.exit(simulated.status ?? 1);

step("Second `pulumi up`: the claims are completed …");
cloud.pulumi(["up", "--yes", "--stack", "dev"], here);
await showDevices(cloud);

step("`pulumi destroy`: the devices are released; the certificates are forgotten, not revoked …");
cloud.pulumi(["destroy", "--yes", "--stack", "dev"], here);

console.log(`
The emulator goes on running:
  kill $(cat .example-jitp/emulator.pid); rm -r .example-jitp examples/jitp/Pulumi.dev.yaml
`);
