// What every command of the checkout needs first: dependencies and compiled code. Imports nothing that is not Node's own.

import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

/** Installs the dependencies where they are missing or older than the lock file. */
export function installDependencies() {
  const lock = path.join(root, "package-lock.json");
  const installed = path.join(root, "node_modules", ".package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  step("Installing dependencies (npm ci) …");
  runOrExit(npm, ["ci", "--no-audit", "--no-fund"]);
}

/**
 * Compiles provider, program and emulator into dist/.
 * @param {string[]} options  Of `tsc`.
 */
export function build(...options) {
  step("Compiling …");
  runOrExit(process.execPath, [path.join(root, "tools", "build.mjs"), ...options]);
}

/** @param {string} line */
export function step(line) {
  console.log(`\n▸ ${line}`);
}

/**
 * Runs a command in the root of the checkout; ends this process when it fails.
 * @param {string} command
 * @param {string[]} args
 */
function runOrExit(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", shell: false });
  if (error) console.error(`${command} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
