// `npm run fuzz`: damaged inputs for every parser.

import { readOptions } from "./fuzz/options.mjs";
import { optionsOrExit } from "./options.mjs";
import { build, installDependencies, step } from "./setup.mjs";

const options = optionsOrExit(readOptions);

installDependencies();
build();

// Only now is there what these need.
const { fuzz } = await import("./fuzz/run.mjs");
const { parsers } = await import("./fuzz/parsers.mjs");

const all = parsers();
const chosen = all.filter(({ name }) => options.parser === undefined || name === options.parser);
if (chosen.length === 0) {
  console.error(
    `There is no parser "${options.parser ?? ""}", but: ${all.map(({ name }) => name).join(", ")}`,
  );
  process.exit(2);
}
step(`${options.runs} inputs each, from seed ${options.seed} …`);
for (const parser of chosen) {
  const started = performance.now();
  const { taken, refused, findings } = fuzz(parser, options);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${parser.name}: ${taken} read, ${refused} refused, ${findings.length} wrong, ${seconds} s`);
  for (const { seed, problem, input } of findings.slice(0, 5)) {
    console.log(`  --parser "${parser.name}" --seed ${seed} --runs 1: ${problem}`);
    console.log(`    base64 of the input: ${input.toString("base64").slice(0, 2_000)}`);
  }
  if (findings.length > 0) process.exitCode = 1;
}
