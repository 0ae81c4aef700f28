// `npm run bench`: how fast, by how many calls and with how much state, measured now and here.

import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import path from "node:path";
import { readOptions } from "./bench/options.mjs";
import { build, installDependencies, step } from "./setup.mjs";

const options = optionsOrExit();
// Before this process makes a load of its own.
const [loadBefore = 0] = loadavg();

installDependencies();
build();

// Only now is there what these need.
const { ensureEngine } = await import("./engine/engine.mjs");
const { certificateRates } = await import("./bench/certificates.mjs");
const { startEmulator } = await import("./bench/emulator.mjs");
const { liveThrough } = await import("./bench/life.mjs");
const { comparisons } = await import("./bench/ratios.mjs");
const { comparisonReport, lifeReport } = await import("./bench/report.mjs");
const { defaultSettings, fleetSettings } = await import("./bench/settings.mjs");
const { number } = await import("./bench/table.mjs");

/** @type {import("./bench/certificates.mjs").Rates | undefined} */
let certificates;
/** @type {import("./bench/life.mjs").Life[]} */
const lives = [];
const machine = {
  cpu: cpus()[0]?.model ?? "",
  cores: cpus().length,
  loadBefore,
  node: process.version,
  pulumi: "",
};
/** @type {Record<string, unknown>} */
let emulatorSettings = {};
/** @type {string | undefined} */
let failure;
try {
  await measure();
} catch (error) {
  failure = error instanceof Error ? error.message : String(error);
}

for (const life of lives) if (life.measured.length > 0) console.log(lifeReport(life));
const compared = comparisons(lives);
for (const comparison of compared) console.log(comparisonReport(comparison));
if (options.json !== undefined) {
  const file = path.resolve(process.env.INIT_CWD ?? "", options.json);
  const everything = { machine, emulatorSettings, certificates, lives, comparisons: compared, failure };
  writeFileSync(file, `${JSON.stringify(everything, undefined, 2)}\n`);
  console.log(`\nAll of it: ${file}`);
}
if (failure !== undefined) {
  console.error(`\n${failure}`);
  process.exitCode = 1;
}

async function measure() {
  step("Finding a Pulumi CLI …");
  const engine = await ensureEngine((line) => {
    console.log(`  ${line}`);
  });
  machine.pulumi = engine.version;
  console.log(`  Pulumi ${engine.version} from ${engine.origin}`);
  console.log(`  Node ${machine.node}, ${machine.cores} x ${machine.cpu}`);

  if (loadBefore > machine.cores / 2) {
    console.log(`  Something else uses this machine (load ${number(loadBefore)}): times will be too long.`);
  }

  const { emulatorOptions } = options;
  const emulator = await startEmulator(emulatorOptions);
  emulatorSettings = await emulator.settings();
  emulator.stop();
  const { consistencyDelayMs, bulkDelayMs } = emulatorSettings;
  console.log(
    `  Emulator: reads lag ${String(consistencyDelayMs)} ms, a bulk job takes ${String(bulkDelayMs)} ms or more`,
  );

  step("Signing certificates …");
  certificates = await certificateRates(options.certificates);
  const { cores, onOneCore, onAllCores } = certificates;
  console.log(`  one core    ${number(onOneCore)} certificates/s, each with a new key`);
  console.log(
    `  ${cores} cores     ${number(onAllCores)} certificates/s, ${number(onAllCores / onOneCore)}x`,
  );

  for (const devices of options.sizes) {
    const ways = devices === options.comparedSize ? [fleetSettings, defaultSettings] : [fleetSettings];
    for (const settings of ways) {
      step(`${number(devices)} devices, ${settings.title} …`);
      /** @type {import("./bench/life.mjs").Life} */
      const life = { devices, settings, measured: [] };
      lives.push(life);
      for await (const one of liveThrough(life, engine.bin, emulatorOptions)) {
        life.measured.push(one);
        console.log(`  ${one.operation}: ${number(one.seconds)} s, ${number(one.http.total)} HTTP calls`);
      }
    }
  }
}

function optionsOrExit() {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read === undefined) process.exit(0);
    return read;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nTry --help.`);
    process.exit(2);
  }
}
