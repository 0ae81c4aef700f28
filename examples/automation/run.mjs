// A service that keeps a guarded fleet by Pulumi's Automation API: preview, up with progress, refresh, fewer devices, destroy.
//
//   LAB_API_KEY=… PULUMI_BACKEND_URL=file://$PWD/state PULUMI_CONFIG_PASSPHRASE=… node run.mjs

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { Fleet } from "pulumi-nrfcloud";

const folder = mkdtempSync(path.join(tmpdir(), "automation-"));
const progressFile = path.join(folder, "progress");
writeFileSync(progressFile, "");

/** The program runs in this process. What the provider needs goes to the provider's, by `envVars`. */
const envVars = {
  NRF_CLOUD_API_KEY: process.env.LAB_API_KEY ?? "",
  NRF_CLOUD_PROGRESS: progressFile,
  ...(process.env.LAB_ENDPOINT === undefined ? {} : { NRF_CLOUD_ENDPOINT: process.env.LAB_ENDPOINT }),
};

/** The service's own data: which devices there are to be. */
let ids = "lab-{00..19}";

const stack = await LocalWorkspace.createOrSelectStack(
  {
    projectName: "automation",
    stackName: "dev",
    program: () => {
      const fleet = new Fleet("lab", {
        definition: {
          apiVersion: "nrfcloud.dev/v1",
          kind: "Fleet",
          maxDeletes: 5,
          ca: { subject: { commonName: "Lab CA" } },
          groups: { lab: { ids, tags: ["lab"] } },
        },
      });
      return Promise.resolve({ devices: fleet.size });
    },
  },
  { envVars },
);

/** Lines of JSON that the provider has written since the last look: `{"step":"onboard","done":7,"total":20,…}`. */
let read = 0;
function tellProgress() {
  const text = readFileSync(progressFile, "utf8");
  const whole = text.slice(read, text.lastIndexOf("\n") + 1);
  read += whole.length;
  for (const line of whole.split("\n").filter((each) => each !== "")) console.log("progress:", line);
}
const watch = setInterval(tellProgress, 200);

/**
 * What the engine and the provider say, as it comes. Of an inline program the engine also tells what is for debugging, with secrets in clear:
 * nothing of that may be shown.
 */
const SHOWN = ["info", "info#err", "warning", "error"];
const onEvent = (/** @type {import("@pulumi/pulumi/automation/index.js").EngineEvent} */ event) => {
  const { severity, message } = event.diagnosticEvent ?? {};
  if (message !== undefined && severity !== undefined && SHOWN.includes(severity))
    console.log(`${severity}: ${message.trim()}`);
};

try {
  const { changeSummary } = await stack.preview({ onEvent });
  console.log("preview:", JSON.stringify(changeSummary));
  const up = await stack.up({ onEvent });
  tellProgress();
  console.log("up:", up.summary.result, up.outputs.devices?.value, "devices");
  const refresh = await stack.refresh({ onEvent });
  console.log("refresh:", JSON.stringify(refresh.summary.resourceChanges));

  // Ten devices are more than `maxDeletes` allows. The override is for this operation only, so it leaves the workspace again.
  ids = "lab-{00..09}";
  stack.workspace.envVars = { ...envVars, NRF_CLOUD_ALLOW_DELETES: "10" };
  const fewer = await stack.up({ onEvent });
  stack.workspace.envVars = envVars;
  console.log("fewer:", fewer.summary.result, fewer.outputs.devices?.value, "devices");
} finally {
  // The program decides whether the engine protects a guarded fleet. It runs in this process, so it reads the configuration and no `envVars`.
  await stack.setConfig("nrfcloud:allowDeletes", { value: "20" });
  const destroy = await stack.destroy({ onEvent, runProgram: true });
  console.log("destroy:", destroy.summary.result);
  clearInterval(watch);
  rmSync(folder, { recursive: true });
}
