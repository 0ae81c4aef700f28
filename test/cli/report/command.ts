import { spawnSync } from "node:child_process";
import path from "node:path";

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command of the package as it is installed.
 * @param env what CI says besides; whatever else runs these tests says nothing
 */
export function fleetCommand(args: readonly string[], input = "", env: NodeJS.ProcessEnv = {}): Ended {
  const main = path.resolve("dist/cli/main.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    input,
    env: { ...process.env, GITHUB_ACTIONS: "", GITLAB_CI: "", ...env },
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  return { code: status, stdout, stderr };
}
