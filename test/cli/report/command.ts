import { spawnSync } from "node:child_process";
import path from "node:path";

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command of the package as it is installed. */
export function fleetCommand(args: readonly string[], input = ""): Ended {
  const main = path.resolve("dist/cli/main.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    input,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  return { code: status, stdout, stderr };
}
