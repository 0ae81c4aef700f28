// An emulated nRF Cloud in the background and a Pulumi CLI that is pointed at it, for the quickstart and the examples.

import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build, installDependencies, root, step } from "./setup.mjs";

/** The key of the emulator's first team. It opens nothing else. */
const API_KEY = "emulator-api-key";

/**
 * @typedef {object} LocalCloud
 * @property {string} folder  Where state, settings and the emulator's data are.
 * @property {string} adminUrl  The emulator's admin API.
 * @property {string} pageUrl  The emulator's page for people.
 * @property {Record<string, string>} env  What a shell needs to work with it.
 * @property {(args: string[], cwd?: string) => void} pulumi  Runs Pulumi's CLI for people to watch; ends the process when it fails.
 * @property {(args: string[], cwd?: string) => string} pulumiOutput  Runs Pulumi's CLI and gives back what it prints; ends the process when it fails.
 * @property {(args: string[], cwd?: string) => void} fleet  Runs nrfcloud-fleet for people to watch; ends the process when it fails.
 */

/**
 * Installs, compiles, gets a CLI and starts the emulator, unless one runs at the port already.
 * @param {{ name: string, port: string, mqttPort: string }} options
 * @returns {Promise<LocalCloud>}
 */
export async function startLocalCloud({ name, port, mqttPort }) {
  installDependencies();
  build();

  const folder = path.join(root, `.${name}`);
  const origin = `http://127.0.0.1:${port}`;
  const adminUrl = `${origin}/_emulator`;
  const pageUrl = `${origin}/`;
  step("Starting the nRF Cloud emulator …");
  if (await answers(adminUrl))
    console.log(`  The emulator runs already. Open ${pageUrl} to see it in a browser.`);
  else await startEmulator(folder, port, mqttPort, adminUrl);
  mkdirSync(path.join(folder, "backend"), { recursive: true });

  step("Finding a Pulumi CLI …");
  const { ensureEngine } = await import("./engine/engine.mjs");
  const engine = await ensureEngine((line) => {
    console.log(`  ${line}`);
  }).catch((/** @type {unknown} */ error) => fail(error instanceof Error ? error.message : String(error)));
  console.log(`  Pulumi ${engine.version} from ${engine.origin}`);

  const settings = {
    PULUMI_BACKEND_URL: `file://${path.join(folder, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: name,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    NRF_CLOUD_ENDPOINT: `${origin}/v1`,
    NRF_CLOUD_IDENTITY_ENDPOINT: `${origin}/provisioning/v1`,
    NRF_CLOUD_API_KEY: API_KEY,
    NRF_CLOUD_JOURNAL: path.join(folder, "journal"),
  };
  const lines = Object.entries(settings).map(([key, value]) => `export ${key}='${value}'\n`);
  writeFileSync(path.join(folder, "env.sh"), [`export PATH='${engine.bin}':"$PATH"\n`, ...lines].join(""));
  const env = { ...settings, PATH: `${engine.bin}${path.delimiter}${process.env.PATH ?? ""}` };

  /** @type {(command: string[], args: string[], cwd: string, output: "inherit" | "pipe") => string} */
  const run = ([program = "", ...script], args, cwd, output) => {
    const { status, stdout } = spawnSync(program, [...script, ...args], {
      cwd,
      stdio: ["inherit", output, "inherit"],
      encoding: "utf8",
      env: { ...process.env, ...env },
    });
    if (status !== 0) {
      const name = script.length === 0 ? program : "nrfcloud-fleet";
      fail(`\n\`${name} ${args.join(" ")}\` failed. The message is above. The emulator still runs.`);
    }
    return stdout;
  };
  return {
    folder,
    adminUrl,
    pageUrl,
    env,
    pulumi: (args, cwd = root) => void run(["pulumi"], args, cwd, "inherit"),
    pulumiOutput: (args, cwd = root) => run(["pulumi"], args, cwd, "pipe"),
    fleet: (args, cwd = root) =>
      void run([process.execPath, path.join(root, "dist", "cli", "main.js")], args, cwd, "inherit"),
  };
}

/**
 * Prints what the emulated account holds.
 * @param {LocalCloud} cloud
 */
export async function showDevices({ adminUrl }) {
  step("What the emulated account holds now:");
  const answer = await fetch(`${adminUrl}/devices`);
  /** @type {{ items: Record<string, unknown>[] }} */
  // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- our own emulator's answer
  const { items } = await answer.json();
  console.table(
    Object.fromEntries(
      items
        .sort((one, other) => String(one.id).localeCompare(String(other.id)))
        .map(({ id, subType, tags, createdAt }) => [String(id), { subType, tags: String(tags), createdAt }]),
    ),
  );
}

/**
 * The root certificate by which devices verify the emulator's broker, in PEM.
 * @param {LocalCloud} cloud
 * @returns {Promise<string>}
 */
export async function serverRootOf({ adminUrl }) {
  const answer = await fetch(`${adminUrl}/mqtt`);
  if (!answer.ok) fail("The emulator has no MQTT broker. Stop it, and run this again.");
  /** @type {{ caCert: string }} */
  // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- our own emulator's answer
  const { caCert } = await answer.json();
  return caCert;
}

/**
 * @param {string} folder
 * @param {string} port
 * @param {string} mqttPort
 * @param {string} adminUrl
 */
async function startEmulator(folder, port, mqttPort, adminUrl) {
  const data = path.join(folder, "emulator");
  // An emulator that is new knows none of the devices that an earlier one left in the state and in the journal.
  if (!existsSync(data)) {
    for (const name of ["backend", "journal"])
      rmSync(path.join(folder, name), { recursive: true, force: true });
  }
  mkdirSync(folder, { recursive: true });
  const log = path.join(folder, "emulator.log");
  const output = openSync(log, "w");
  const main = path.join(root, "dist", "emulator", "main.js");
  const emulator = spawn(process.execPath, [main, "--port", port, "--mqtt-port", mqttPort, "--data", data], {
    cwd: root,
    detached: true,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  emulator.unref();
  while (!(await answers(adminUrl))) {
    if (emulator.exitCode !== null) {
      fail(
        `The emulator did not start: ${readFileSync(log, "utf8").trim()}\n` +
          "Set NRF_CLOUD_EMULATOR_PORT and NRF_CLOUD_EMULATOR_MQTT_PORT to free ports, and run this again.",
      );
    }
    await sleep(100);
  }
  console.log(`  ${readFileSync(log, "utf8").trim().replaceAll("\n", "\n  ")}`);
  writeFileSync(path.join(folder, "emulator.pid"), `${emulator.pid ?? ""}\n`);
}

/** @param {string} adminUrl */
async function answers(adminUrl) {
  try {
    return (await fetch(`${adminUrl}/settings`)).ok;
  } catch {
    return false;
  }
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
