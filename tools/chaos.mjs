// `npm run chaos`: random fleets, faults and interruptions with the real engine, and whether anything is lost by them.

import { availableParallelism, loadavg } from "node:os";
import { readOptions } from "./chaos/options.mjs";
import { optionsOrExit } from "./options.mjs";
import { build, installDependencies, step } from "./setup.mjs";

const options = optionsOrExit(readOptions);

installDependencies();
build();

// Only now is there what these need.
const { default: PQueue } = await import("p-queue");
const { ensureEngine } = await import("./engine/engine.mjs");
const { failureReport, figures, runLine } = await import("./chaos/report.mjs");
const { run } = await import("./chaos/run.mjs");

step("Finding a Pulumi CLI …");
const { bin, version, origin } = await ensureEngine((line) => {
  console.log(`  ${line}`);
});
console.log(`  Pulumi ${version} from ${origin}`);

const { seeds, jobs, keep } = options;
const [load = 0] = loadavg();
step(`${seeds.length} runs, ${jobs} at once on ${availableParallelism()} cores (load ${load.toFixed(1)}) …`);
const started = Date.now();
const results = await new PQueue({ concurrency: jobs }).addAll(
  seeds.map((seed) => async () => {
    const result = await run(seed, { bin, keep });
    console.log(runLine(result));
    if (result.judgement.verdicts.length > 0) console.log(`\n${failureReport(result)}\n`);
    return result;
  }),
);
console.log(`\n${figures(results, (Date.now() - started) / 1000)}`);
process.exitCode = results.some(({ judgement }) => judgement.verdicts.length > 0) ? 1 : 0;
