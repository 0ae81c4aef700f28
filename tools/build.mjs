// Compiles provider, program and emulator into dist/, from nothing. `--noCheck` leaves the types to whoever checks them anyway.

import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
rmSync(path.join(root, "dist"), { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const options = ["-p", path.join(root, "tsconfig.build.json"), ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [tsc, ...options], { stdio: "inherit" });
// The emulator's files for browsers are copied without compilation.
const browser = path.join("emulator", "page", "browser");
cpSync(path.join(root, browser), path.join(root, "dist", browser), { recursive: true });
// As npm does for whoever installs the package.
if (status === 0) chmodSync(path.join(root, "dist", "cli", "main.js"), 0o755);
process.exitCode = status ?? 1;
