import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { installNordicTool, nordicLauncher, nordicPython } from "../../../tools/nordicTool.mjs";

const run = promisify(execFile);

/** Gets the tool, once a machine. Says why it cannot be had here; undefined if it can. */
export function nordicToolAbsence(): string | undefined {
  try {
    installNordicTool();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
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
    const args = [nordicLauncher, "--impatient", origin, command, ...common, ...options];
    const { stdout, stderr } = await run(nordicPython, args, { cwd: directory });
    return { code: 0, output: `${stdout}${stderr}` };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "stdout" in error && "stderr" in error)) throw error;
    return { code: error.code, output: `${String(error.stdout)}${String(error.stderr)}` };
  }
}
