import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

/** Nordic's own client, as published on PyPI. */
const tool = "nrfcloud-utils==3.3.1";
const environment = resolve(__dirname, "../../../node_modules/.cache/nrfcloud-utils-3.3.1");
const python = join(environment, "bin", "python");
const launcher = resolve(__dirname, "nordicUtils.py");
const run = promisify(execFile);

/** Gets the tool, once a machine. Says why it cannot be had here; undefined if it can. */
export async function nordicToolAbsence(): Promise<string | undefined> {
  const marker = join(environment, "installed");
  if (existsSync(marker)) return undefined;
  try {
    await run("python3", ["-m", "venv", "--clear", environment]);
    await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", tool]);
    await writeFile(marker, `${tool}\n`);
  } catch (error) {
    return `no ${tool}, which takes python3 with venv and a way to PyPI: ${String(error).split("\n", 1).join("")}`;
  }
  return undefined;
}

export interface Outcome {
  readonly code: unknown;
  /** All that it prints. */
  readonly output: string;
}

/** Runs a command of the tool with an API key of the emulator at `origin`. */
export async function nordicTool(
  { origin, apiKey, directory }: { origin: string; apiKey: string; directory: string },
  command: string,
  ...options: string[]
): Promise<Outcome> {
  const common = command === "create_ca_cert" ? [] : ["--api-key", apiKey, "--plain"];
  try {
    const { stdout, stderr } = await run(python, [launcher, origin, command, ...common, ...options], {
      cwd: directory,
    });
    return { code: 0, output: `${stdout}${stderr}` };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "stdout" in error && "stderr" in error)) throw error;
    return { code: error.code, output: `${String(error.stdout)}${String(error.stderr)}` };
  }
}
