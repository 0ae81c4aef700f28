// `npm run example:jitp`: just-in-time devices in the emulator, from their certificates to their claims and their release.

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

step("First apply: nRF Cloud issues the certificates. The devices have not connected, so the claims wait …");
cloud.pulumiOutput(["stack", "select", "--create", "dev"], here);
cloud.fleet(["apply", "--yes", "--stack", "dev"], here);

step("Simulated devices get their credentials, and connect by MQTT for the first time …");
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

step("Second apply: the provider claims the devices …");
cloud.fleet(["apply", "--yes", "--stack", "dev"], here);
await showDevices(cloud);

step("Destroy: the provider releases the devices. nRF Cloud can't take their certificates back …");
cloud.fleet(["destroy", "--yes", "--stack", "dev"], here);

console.log(`
The emulator still runs, and shows its last state at ${cloud.pageUrl}
Stop it, and remove what this example made:
  kill $(cat .example-jitp/emulator.pid); rm -r .example-jitp examples/jitp/Pulumi.dev.yaml
`);
