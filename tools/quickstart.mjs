// `npm run quickstart`: a fleet of ten devices in an emulated nRF Cloud, by the real Pulumi engine.

import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build, installDependencies, root, step } from "./setup.mjs";

const API_KEY = "emulator-api-key";
const PASSPHRASE = "quickstart";
const STACK = "quickstart";
const folder = path.join(root, ".quickstart");
const port = process.env.NRF_CLOUD_EMULATOR_PORT ?? "8787";
const endpoint = `http://127.0.0.1:${port}/v1`;

installDependencies();
build();

step("Finding a Pulumi CLI …");
const { ensureEngine } = await import("./engine/engine.mjs");
const engine = await ensureEngine((line) => {
  console.log(`  ${line}`);
}).catch((/** @type {unknown} */ error) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
console.log(`  Pulumi ${engine.version} from ${engine.origin}`);

step("Starting the nRF Cloud emulator …");
mkdirSync(path.join(folder, "backend"), { recursive: true });
if (await emulatorAnswers()) console.log(`  it already runs at ${endpoint}`);
else await startEmulator();

const settings = {
  PATH: `${engine.bin}${path.delimiter}${process.env.PATH ?? ""}`,
  PULUMI_BACKEND_URL: `file://${path.join(folder, "backend")}`,
  PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
  PULUMI_SKIP_UPDATE_CHECK: "true",
  NRF_CLOUD_ENDPOINT: endpoint,
  NRF_CLOUD_API_KEY: API_KEY,
};
writeFileSync(
  path.join(folder, "env.sh"),
  Object.entries(settings)
    .map(([name, value]) => `export ${name}='${name === "PATH" ? `${engine.bin}'":$PATH"` : `${value}'`}\n`)
    .join(""),
);

step("pulumi up of examples/quickstart/fleet.yaml …");
pulumi("stack", "select", "--create", STACK);
pulumi("up", "--yes", "--stack", STACK);

step("What the emulated account holds now:");
const answer = await fetch(`http://127.0.0.1:${port}/_emulator/devices`);
/** @type {{ items: Record<string, unknown>[] }} */
// eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- our own emulator's answer
const { items } = await answer.json();
console.table(
  Object.fromEntries(
    items.map(({ id, subType, tags, createdAt }) => [String(id), { subType, tags: String(tags), createdAt }]),
  ),
);

console.log(`
Next:
  source .quickstart/env.sh        # the settings above, for this shell

  Change a tag in examples/quickstart/fleet.yaml, then look before you leap:
    pulumi preview --stack ${STACK} --diff
    pulumi up --stack ${STACK}

  See a private key that was made for a device (kept encrypted in .quickstart/backend):
    pulumi stack export --stack ${STACK} --show-secrets

  Take it all down again:
    pulumi destroy --stack ${STACK}
    kill $(cat .quickstart/emulator.pid); rm -r .quickstart Pulumi.${STACK}.yaml
`);

/** @param {string[]} args */
function pulumi(...args) {
  const { status } = spawnSync("pulumi", args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...settings },
  });
  if (status !== 0) {
    console.error(
      `\n\`pulumi ${args.join(" ")}\` failed; the message is above. The emulator goes on running.`,
    );
    process.exit(status ?? 1);
  }
}

async function emulatorAnswers() {
  try {
    return (await fetch(`http://127.0.0.1:${port}/_emulator/settings`)).ok;
  } catch {
    return false;
  }
}

async function startEmulator() {
  // An emulator that is new knows none of the devices that an earlier one left in the state.
  if (!existsSync(path.join(folder, "emulator")))
    rmSync(path.join(folder, "backend", ".pulumi"), { recursive: true, force: true });
  const log = path.join(folder, "emulator.log");
  const output = openSync(log, "w");
  const emulator = spawn(
    process.execPath,
    [path.join(root, "dist", "emulator", "main.js"), "--port", port, "--data", path.join(folder, "emulator")],
    { cwd: root, detached: true, stdio: ["ignore", output, output] },
  );
  closeSync(output);
  emulator.unref();
  while (!(await emulatorAnswers())) {
    if (emulator.exitCode !== null) {
      console.error(`The emulator did not start: ${readFileSync(log, "utf8").trim()}`);
      console.error("Set NRF_CLOUD_EMULATOR_PORT to a free port, then run this again.");
      process.exit(1);
    }
    await sleep(100);
  }
  console.log(`  ${readFileSync(log, "utf8").trim()}`);
  writeFileSync(path.join(folder, "emulator.pid"), `${emulator.pid ?? ""}\n`);
}
