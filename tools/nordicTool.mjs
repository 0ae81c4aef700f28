// Nordic's own clients, as published on PyPI: for the benchmark beside ours, and for what the emulator is tried with.

import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./setup.mjs";

export const NORDIC_TOOL = "nrfcloud-utils==3.3.1";
export const MEMFAULT_TOOL = "memfault-cli==1.12.0";

const windows = process.platform === "win32";

const environmentOf = (/** @type {string} */ tool) =>
  path.join(root, "node_modules", ".cache", tool.replace("==", "-"));

/**
 * The interpreter that has a tool, once it is installed.
 * @param {string} tool
 */
const pythonOf = (tool) =>
  path.join(environmentOf(tool), ...(windows ? ["Scripts", "python.exe"] : ["bin", "python"]));

export const nordicPython = pythonOf(NORDIC_TOOL);
export const memfaultPython = pythonOf(MEMFAULT_TOOL);

/** What runs a command of {@link NORDIC_TOOL} against the emulator. */
export const nordicLauncher = fileURLToPath(new URL("nordicTool.py", import.meta.url));

/** Installs the tool, once. @throws Error where that is impossible */
export const installNordicTool = () => {
  install(NORDIC_TOOL);
};

/** Installs the tool, once. @throws Error where that is impossible */
export const installMemfaultTool = () => {
  install(MEMFAULT_TOOL);
};

/** @param {string} tool */
function install(tool) {
  const marker = path.join(environmentOf(tool), "installed");
  if (existsSync(marker)) return;
  runOrThrow(tool, windows ? "python" : "python3", ["-m", "venv", "--clear", environmentOf(tool)]);
  runOrThrow(tool, pythonOf(tool), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", tool]);
  writeFileSync(marker, `${tool}\n`);
}

/**
 * @param {string} tool
 * @param {string} command
 * @param {string[]} args
 */
function runOrThrow(tool, command, args) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split("\n").at(-1) ?? "";
  throw new Error(`No ${tool}, which takes python3 with venv and a way to PyPI: ${reason}`);
}
