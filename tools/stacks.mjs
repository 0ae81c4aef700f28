// `npm run bench:stacks`: one account in many stacks, driven by one process with Pulumi's Automation API.

import { writeFileSync } from "node:fs";
import { optionsOrExit } from "./options.mjs";
import { build, installDependencies, step } from "./setup.mjs";
import { readOptions } from "./stacks/options.mjs";

const options = optionsOrExit(readOptions);

installDependencies();
build();

// Only now is there what these need.
const { ensureEngine } = await import("./engine/engine.mjs");
const { number } = await import("./bench/table.mjs");
const { liveThrough } = await import("./stacks/life.mjs");
const { report } = await import("./stacks/report.mjs");

step("Finding a Pulumi CLI …");
const { bin, version, origin } = await ensureEngine((line) => {
  console.log(`  ${line}`);
});
console.log(`  Pulumi ${version} from ${origin}`);

const { stacks, devices, atOnce } = options;
step(`${number(stacks)} stacks of ${number(devices)} devices, ${number(atOnce)} at once …`);
/** @type {import("./stacks/life.mjs").Round[]} */
const rounds = [];
try {
  for await (const round of liveThrough({ ...options, bin })) {
    rounds.push(round);
    console.log(`  ${round.operation}: ${number(round.seconds)} s, ${number(round.calls)} HTTP calls`);
  }
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
if (rounds.length > 0) console.log(report(options, rounds));
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ options, rounds }, undefined, 2)}\n`);
// The Automation API keeps servers of its programs open.
process.exit();
