// `npm run quickstart`: a fleet of ten devices in an emulated nRF Cloud, by the real Pulumi engine.

import { showDevices, startLocalCloud } from "./localCloud.mjs";
import { step } from "./setup.mjs";

const STACK = "quickstart";

const cloud = await startLocalCloud({
  name: "quickstart",
  port: process.env.NRF_CLOUD_EMULATOR_PORT ?? "8787",
  mqttPort: process.env.NRF_CLOUD_EMULATOR_MQTT_PORT ?? "8883",
});

step("pulumi up of examples/quickstart/fleet.yaml …");
cloud.pulumi(["stack", "select", "--create", STACK]);
cloud.pulumi(["up", "--yes", "--stack", STACK]);
await showDevices(cloud);

console.log(`
Next:
  source .quickstart/env.sh        # the settings of this quickstart, for your shell

  Change a tag in examples/quickstart/fleet.yaml, then look before you leap:
    pulumi preview --stack ${STACK} --diff
    pulumi up --stack ${STACK}

  Get the certificate and key of a device, which are kept encrypted in .quickstart/backend:
    npx nrfcloud-fleet credentials sensor-00 --out .quickstart/keys --stack ${STACK}

  Take it all down again:
    pulumi destroy --stack ${STACK}
    kill $(cat .quickstart/emulator.pid); rm -r .quickstart Pulumi.${STACK}.yaml
`);
