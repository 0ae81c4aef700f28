import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { LEAN } from "../../tools/engine/engine.mjs";

/** The command of the compiled package. */
export const FLEET_MAIN = path.resolve("dist/cli/main.js");

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  /** What is set besides the environment of the tests. `undefined`: it is not set. */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  readonly cwd?: string;
  /** What the command reads from its standard input. Default: nothing. */
  readonly input?: string;
}

/** Runs `nrfcloud-fleet` as a user does, outside of CI and without an API key unless `env` says otherwise. */
export async function fleetCommand(
  args: readonly string[],
  { env = {}, cwd = process.cwd(), input = "" }: Surroundings = {},
): Promise<Ended> {
  const { NRF_CLOUD_API_KEY: _key, ...rest } = process.env;
  const child = spawn(process.execPath, [FLEET_MAIN, ...args], {
    env: { ...rest, GITHUB_ACTIONS: "", GITLAB_CI: "", ...LEAN, ...env },
    cwd,
  });
  // A command that ends early does not read it all.
  child.stdin.on("error", () => undefined).end(input);
  return endOf(child);
}

/** Waits until a command has ended, and gives all that it said. */
export async function endOf(child: ChildProcessByStdio<Writable | null, Readable, Readable>): Promise<Ended> {
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, stdout, stderr };
}
