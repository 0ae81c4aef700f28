// Nordic's own client, as published on PyPI: for the benchmark beside ours, and for the emulator's tests.

import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./setup.mjs";

export const NORDIC_TOOL = "nrfcloud-utils==3.3.1";

const windows = process.platform === "win32";
const environment = path.join(root, "node_modules", ".cache", NORDIC_TOOL.replace("==", "-"));

/** The interpreter that has the tool, once it is installed. */
export const nordicPython = path.join(
  environment,
  ...(windows ? ["Scripts", "python.exe"] : ["bin", "python"]),
);

/** Installs the tool, once. @throws Error where that is impossible */
export function installNordicTool() {
  const marker = path.join(environment, "installed");
  if (existsSync(marker)) return;
  runOrThrow(windows ? "python" : "python3", ["-m", "venv", "--clear", environment]);
  runOrThrow(nordicPython, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", NORDIC_TOOL]);
  writeFileSync(marker, `${NORDIC_TOOL}\n`);
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function runOrThrow(command, args) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split("\n").at(-1) ?? "";
  throw new Error(`No ${NORDIC_TOOL}, which takes python3 with venv and a way to PyPI: ${reason}`);
}
