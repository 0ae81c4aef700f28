import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

/** The passphrase that encrypts the secrets of every test stack; no output may ever show it. */
export const PASSPHRASE = "correct-horse-battery-staple";

const PROJECT = "test";
const NAME = "dev";

/** What `pulumi stack init` writes. */
export interface NewStack {
  /** The file of the stack's settings. */
  readonly settings: string;
  /** The empty state of the stack `dev` of the project `test`. */
  readonly state: string;
  /** The version of the backend's layout. */
  readonly backend: string;
}

/** Has the CLI create one stack. Most stacks under test are copies, because each passphrase costs the CLI a quarter of a second. */
export async function createNewStack(bin: string): Promise<NewStack> {
  const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-new-stack-"));
  try {
    writeFileSync(path.join(folder, "Pulumi.yaml"), `name: ${PROJECT}\nruntime: nodejs\n`);
    await promisify(execFile)("pulumi", ["stack", "init", NAME, "--non-interactive"], {
      cwd: folder,
      env: {
        ...process.env,
        PATH: `${bin}${path.delimiter}${process.env.PATH ?? ""}`,
        PULUMI_BACKEND_URL: `file://${folder}`,
        PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
    });
    const read = (...place: string[]) => readFileSync(path.join(folder, ...place), "utf8");
    return {
      settings: read(settingsFile(NAME)),
      state: read(".pulumi", "stacks", PROJECT, `${NAME}.json`),
      backend: read(".pulumi", "meta.yaml"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Writes the files of a new stack of the project `test`.
 * @param project folder of the project
 * @param backend folder of a backend that has no stack yet
 */
export function copyNewStack(made: NewStack, name: string, project: string, backend: string): void {
  const stacks = path.join(backend, ".pulumi", "stacks", PROJECT);
  mkdirSync(stacks, { recursive: true });
  writeFileSync(path.join(backend, ".pulumi", "meta.yaml"), made.backend);
  writeFileSync(path.join(project, settingsFile(name)), made.settings);
  const state = made.state.replace(`"organization/${PROJECT}/${NAME}"`, `"organization/${PROJECT}/${name}"`);
  writeFileSync(path.join(stacks, `${name}.json`), state);
}

export function settingsFile(name: string): string {
  return `Pulumi.${name}.yaml`;
}
