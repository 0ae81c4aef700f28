// `npm test`: everything from a fresh clone to the last line, which counts what passed and failed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { build, installDependencies, root, step } from "./setup.mjs";

installDependencies();
build();

step("Finding a Pulumi CLI …");
const { ensureEngine } = await import("./engine/engine.mjs");
try {
  const engine = await ensureEngine((line) => {
    console.log(`  ${line}`);
  });
  console.log(`  Pulumi ${engine.version} from ${engine.origin}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

/** @type {[string, string[]][]} */
const checks = [
  ["Types", ["typescript/bin/tsc", "-p", "tsconfig.json"]],
  ["Lint", ["eslint/bin/eslint.js", "."]],
  ["Format", ["prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."]],
];
step("Types, lint and format …");
// At once: each keeps one core busy.
const ends = await Promise.all(checks.map(([, command]) => node(command)));
const broken = checks.filter((_, i) => !ends[i]);

step("Tests …");
const passed = await node(["vitest/vitest.mjs", "run", ...process.argv.slice(2)]);
for (const [name] of broken) console.error(`\n${name}: see above, this must be mended too.`);
process.exitCode = passed && broken.length === 0 ? 0 : 1;

/**
 * Runs a tool of node_modules and tells whether it succeeded.
 * @param {string[]} command
 */
async function node([script = "", ...args]) {
  const child = spawn(process.execPath, [path.join(root, "node_modules", script), ...args], {
    cwd: root,
    stdio: "inherit",
  });
  /** @type {[number | null]} */
  const [status] = await /** @type {Promise<[number | null]>} */ (once(child, "close"));
  return status === 0;
}
