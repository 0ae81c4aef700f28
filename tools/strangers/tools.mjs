// Runs the tools of others against an emulated cloud, in a folder of their own.

import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import path from "node:path";
import { memfaultPython, nordicLauncher, nordicPython } from "../nordicTool.mjs";

/** @typedef {{ status: number | null, output: string }} Outcome */

/**
 * @typedef {object} Tools
 * @property {(command: string, args: string[], input?: string) => Outcome} nordic  A command of nrfcloud-utils.
 * @property {(args: string[]) => Outcome} memfault  `nrfcloud` of memfault-cli, as the emulated organization.
 */

/**
 * @param {{ folder: string, origin: string }} where  Their files, and the emulator.
 * @returns {Tools}
 */
export function toolsOf({ folder, origin }) {
  const log = path.join(folder, "tools.log");
  /** @type {(command: string, args: string[], options: { input?: string, env?: NodeJS.ProcessEnv }) => Outcome} */
  const run = (command, args, { input = "", env = {} }) => {
    const { status, stdout, stderr, error } = spawnSync(command, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      input,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    if (error !== undefined) throw error;
    const output = `${stdout}${stderr}`;
    appendFileSync(log, `$ ${args.slice(0, 6).join(" ")}\n${output}\n`);
    return { status, output };
  };
  const organization = [
    "--org-token",
    "oat_emulator",
    "--org",
    "nrfcloud-emulated",
    "--project",
    "nrf-project",
  ];
  return {
    nordic: (command, args, input) =>
      run(nordicPython, [nordicLauncher, "--impatient", origin, command, ...args], {
        ...(input === undefined ? {} : { input }),
      }),
    memfault: (args) =>
      run(memfaultPython, ["-m", "memfault_cli.nrfcloud", ...organization, ...args], {
        env: { MEMFAULT_URL: origin },
      }),
  };
}
