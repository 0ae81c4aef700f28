import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Command } from "commander";
import { onTestFinished, vi } from "vitest";

/** Hands out the state in `state.json`, and takes it back. */
const SCRIPT = `#!/bin/sh
case "$1 $2" in
  "stack export") cat state.json ;;
  "stack import") cat > state.json ;;
  "config --json") echo '{}' ;;
  *) exit 9 ;;
esac
`;

/**
 * A folder in whose stack `nrfcloud-fleet` finds a state, by a stand-in for the CLI of Pulumi, so that a command can be run in this process.
 * Without an API key, it asks no account. All ends with the test.
 */
export class PulumiStandIn {
  readonly folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-stand-in-"));
  private written = "";

  constructor(state: string) {
    this.state = state;
    const program = path.join(this.folder, "pulumi");
    writeFileSync(program, SCRIPT);
    chmodSync(program, 0o755);
    vi.stubEnv("PATH", `${this.folder}${path.delimiter}${process.env.PATH ?? ""}`);
    for (const name of ["NRF_CLOUD_API_KEY", "NRF_CLOUD_ENDPOINT"]) vi.stubEnv(name, undefined);
    const streams = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, "write").mockImplementation((text) => {
        this.written += String(text);
        return true;
      }),
    );
    onTestFinished(() => {
      for (const stream of streams) stream.mockRestore();
      vi.unstubAllEnvs();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  get state(): string {
    return this.read("state.json");
  }
  set state(text: string) {
    writeFileSync(this.path("state.json"), text);
  }

  /** What the command writes to both outputs. @throws CommandError */
  async run(command: Command, ...args: readonly string[]): Promise<string> {
    this.written = "";
    await command.parseAsync([...args, "--cwd", this.folder], { from: "user" });
    return this.written;
  }

  path(...names: readonly string[]): string {
    return path.join(this.folder, ...names);
  }

  read(...names: readonly string[]): string {
    return readFileSync(this.path(...names), "utf8");
  }
}
