// `npm run bench`: measures time, calls, memory and the size of the state on this machine.

import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { readOptions } from "./bench/options.mjs";
import { optionsOrExit } from "./options.mjs";
import { build, installDependencies, step } from "./setup.mjs";

const options = optionsOrExit(readOptions);
// Before this process makes a load of its own.
const [loadBefore = 0] = loadavg();

installDependencies();
build();

// Only now is there what these need.
const { ensureEngine } = await import("./engine/engine.mjs");
const { startEmulator } = await import("./bench/emulator.mjs");
const { liveThrough } = await import("./bench/life.mjs");
const { installNordicTool, NORDIC_TOOL } = await import("./nordicTool.mjs");
const { ALONE, ALONE_STEP, NORDIC_DEVICES, onboardByNordicTool } = await import("./bench/nordic.mjs");
const { floor, ours } = await import("./bench/projects.mjs");
const { comparisons } = await import("./bench/ratios.mjs");
const { comparisonReport, lifeReport } = await import("./bench/report.mjs");
const { REQUESTS_PER_SECOND } = await import("./bench/stack.mjs");
const { number, table } = await import("./bench/table.mjs");

/** @type {import("./bench/life.mjs").Life[]} */
const lives = [];
/** @type {import("./bench/nordic.mjs").NordicStep[]} */
const nordic = [];
const machine = {
  cpu: cpus()[0]?.model ?? "",
  cores: cpus().length,
  loadBefore,
  node: process.version,
  pulumi: "",
};
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
if (failure === undefined && nordic.length > 0) console.log(nordicReport());
if (options.json !== undefined) {
  const everything = { machine, options, lives, comparisons: compared, nordic, failure };
  writeFileSync(options.json, `${JSON.stringify(everything, undefined, 2)}\n`);
  console.log(`\nAll of it: ${options.json}`);
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
  const { emulatorOptions, profile } = options;
  const emulator = await startEmulator(emulatorOptions);
  const { consistencyDelayMs, bulkDelayMs } = await emulator.settings();
  emulator.stop();
  console.log(
    `  Emulator: reads lag ${String(consistencyDelayMs)} ms, a bulk job takes ${String(bulkDelayMs)} ms or more`,
  );
  console.log(
    `  The limit of requests is lifted (NRF_CLOUD_REQUESTS_PER_SECOND=${REQUESTS_PER_SECOND}); all other settings are Pulumi's and ours by default`,
  );

  if (options.nordic) {
    step(`Getting ${NORDIC_TOOL} …`);
    installNordicTool();
    step(`${number(NORDIC_DEVICES)} devices by ${NORDIC_TOOL} …`);
    for await (const one of onboardByNordicTool(emulatorOptions)) {
      nordic.push(one);
      console.log(`  ${one.step}: ${number(one.seconds)} s`);
    }
  }
  const setting = { bin: engine.bin, emulatorOptions, profile };
  for (const devices of options.nordic ? [NORDIC_DEVICES] : options.sizes) {
    const fleet = await live(devices, ours, setting);
    if (options.floor && !options.nordic && fleet.shape !== undefined)
      await live(devices, floor(fleet.shape), setting);
  }
}

/**
 * @param {number} devices
 * @param {import("./bench/projects.mjs").Project} project
 * @param {import("./bench/life.mjs").Setting} setting
 */
async function live(devices, project, setting) {
  step(`${number(devices)} devices, ${project.name === "ours" ? "one DeviceSet" : "the engine's floor"} …`);
  /** @type {import("./bench/life.mjs").Life} */
  const life = { devices, project: project.name, measured: [], shape: undefined };
  lives.push(life);
  for await (const { operation, seconds, http } of liveThrough(life, project, setting)) {
    console.log(`  ${operation}: ${number(seconds)} s, ${number(http.total)} HTTP calls`);
    // Nordic's tool has nothing to compare the rest with.
    if (options.nordic) break;
  }
  return life;
}

function nordicReport() {
  const theirs = nordic.reduce((sum, { seconds }) => sum + seconds, 0);
  const alone = nordic.find(({ step: name }) => name === ALONE_STEP)?.seconds ?? Number.NaN;
  const each = alone / ALONE;
  const asUsed = theirs + (NORDIC_DEVICES - ALONE) * each;
  const create = lives[0]?.measured.find(({ operation }) => operation === "create")?.seconds ?? Number.NaN;
  return `
${number(NORDIC_DEVICES)} devices, each with a new key and certificate: ours ${number(create)} s

${table([
  [NORDIC_TOOL, "seconds", "ratio to ours"],
  ["measured, one process for most certificates", number(theirs), `${number(theirs / create)}x`],
  [
    `estimated, a process for each (${number(each)} s, mean of ${ALONE})`,
    number(asUsed),
    `${number(asUsed / create)}x`,
  ],
])}`;
}
