// `npm test`: everything from a fresh clone to the last line, which counts what passed and failed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { build, installDependencies, root, step } from "./setup.mjs";

installDependencies();
// The types are checked below.
build("--noCheck");

step("Finding a Pulumi CLI …");
const { ensureEngine } = await import("./engine/engine.mjs");
const engine = await ensureEngine((line) => {
  console.log(`  ${line}`);
}).catch((/** @type {unknown} */ error) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
console.log(`  Pulumi ${engine.version} from ${engine.origin}`);

/** @type {[string, string[], Record<string, string>?][]} */
const checks = [
  ["Types", ["typescript/bin/tsc", "-p", "tsconfig.json"]],
  // With more room for what is new in memory, less of it is copied before it is garbage: a seventh of the work.
  ["Lint", ["eslint/bin/eslint.js", "."], { NODE_OPTIONS: "--max-semi-space-size=64" }],
  ["Format", ["prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."]],
];
step("Tests, and beside them types, lint and format …");
const checked = Promise.all(
  checks.map(async ([name, command, env]) => {
    const { succeeded, output } = await quietly(command, env);
    if (!succeeded) console.error(`\n${name}:\n${output}`);
    return { name, succeeded };
  }),
);
const scratch = mkdtempSync(path.join(tmpdir(), "nrfcloud-test-"));
const passed = await node(["vitest/vitest.mjs", "run", ...process.argv.slice(2)], {
  // In front, since it may have been found in the home that is replaced.
  PATH: `${engine.bin}${path.delimiter}${process.env.PATH ?? ""}`,
  // Pulumi keeps a log of each command, and looks through all of them at the next: not those of other days, nor among the user's.
  PULUMI_HOME: path.join(scratch, "pulumi"),
  // Without it, each command under test compiles the same modules again.
  NODE_COMPILE_CACHE: path.join(scratch, "compiled"),
}).finally(() => {
  rmSync(scratch, { recursive: true, force: true });
});
const broken = (await checked).filter(({ succeeded }) => !succeeded);
for (const { name } of broken) console.error(`\n${name}: see above, this must be mended too.`);
process.exitCode = passed && broken.length === 0 ? 0 : 1;

/**
 * Runs a tool of node_modules and tells whether it succeeded.
 * @param {string[]} command
 * @param {Record<string, string>} env  What it has beside the environment of this process.
 */
async function node(command, env) {
  return succeeds(start(command, "inherit", env));
}

/**
 * Runs a tool beside the tests, and gives what it said.
 * @param {string[]} command
 * @param {Record<string, string>} [env]
 */
async function quietly(command, env) {
  const child = start(command, "pipe", env);
  const said = [child.stdout, child.stderr].map((stream) =>
    stream === null ? Promise.resolve("") : text(stream),
  );
  const succeeded = await succeeds(child);
  return { succeeded, output: (await Promise.all(said)).join("") };
}

/**
 * @param {string[]} command
 * @param {"inherit" | "pipe"} output
 * @param {Record<string, string>} env
 */
function start([script = "", ...args], output, env = {}) {
  return spawn(process.execPath, [path.join(root, "node_modules", script), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["inherit", output, output],
  });
}

/** @param {import("node:child_process").ChildProcess} child */
async function succeeds(child) {
  /** @type {[number | null]} */
  const [status] = await /** @type {Promise<[number | null]>} */ (once(child, "close"));
  return status === 0;
}
