import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { text } from "node:stream/consumers";
import { LEAN } from "../../tools/engine/engine.mjs";

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
  const child = spawn(process.execPath, [path.resolve("dist/cli/main.js"), ...args], {
    env: { ...rest, GITHUB_ACTIONS: "", GITLAB_CI: "", ...LEAN, ...env },
    cwd,
  });
  // A command that ends early does not read it all.
  child.stdin.on("error", () => undefined).end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, stdout, stderr };
}
