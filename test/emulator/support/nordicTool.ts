import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { installNordicTool, nordicPython } from "../../../tools/nordicTool.mjs";

const launcher = resolve(__dirname, "nordicUtils.py");
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
    const { stdout, stderr } = await run(nordicPython, [launcher, origin, command, ...common, ...options], {
      cwd: directory,
    });
    return { code: 0, output: `${stdout}${stderr}` };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "stdout" in error && "stderr" in error)) throw error;
    return { code: error.code, output: `${String(error.stdout)}${String(error.stderr)}` };
  }
}
