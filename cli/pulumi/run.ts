import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FollowedFile } from "../progress/followedFile.js";
import { parseEvent, type EngineEvent } from "./events.js";
import type { Engine } from "./interrupts.js";
import { failure, quiet, targetArguments, type Target } from "./target.js";

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly onEvent: (event: EngineEvent) => void;
  /** A line that the provider appended to the file in `NRF_CLOUD_PROGRESS`. */
  readonly onProviderLine?: (line: string) => void;
  /** Called when the engine runs, with its receiver of signals. */
  readonly onStart?: (engine: Engine) => void;
}

/** The end of an operation. */
export interface OperationEnd {
  readonly ok: boolean;
  /** The output of the CLI outside of its events. */
  readonly errorOutput: string;
}

const POLL_MS = 200;

/**
 * Runs an operation of the Pulumi CLI with `--json`, and passes its events on.
 *
 * The engine runs in its own process group. A terminal sends Ctrl-C to the whole foreground group, so the engine would receive it
 * from the terminal and again from this process, and two signals stop it without saving.
 * The engine writes to files, which this process follows, and not to pipes. If this process dies, the next write to a pipe would
 * kill the engine, and the keys of the devices that it has just onboarded would be lost. With a file it can finish and save.
 */
export async function runOperation(
  target: Target,
  args: readonly string[],
  options: RunOptions,
): Promise<OperationEnd> {
  const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-fleet-"));
  const [events, errors, provider] = ["events", "errors", "provider"].map((name) => path.join(folder, name));
  const stop = path.join(folder, "stop");
  if (events === undefined || errors === undefined || provider === undefined) throw new Error("three files");
  const handles = [events, errors, provider].map((file) => openSync(file, "wx", 0o600));
  const followed = new FollowedFile(events);
  const followedProvider = new FollowedFile(provider);
  const readFiles = (): void => {
    for (const line of followed.lines()) {
      const event = parseEvent(line);
      if (event !== undefined) options.onEvent(event);
    }
    for (const line of followedProvider.lines()) options.onProviderLine?.(line);
  };
  try {
    const engine = spawn("pulumi", [...args, "--json", ...targetArguments(target)], {
      cwd: target.cwd,
      env: {
        ...quiet(process.env),
        ...options.env,
        PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true",
        NRF_CLOUD_PROGRESS: provider,
        NRF_CLOUD_STOP: stop,
      },
      stdio: ["ignore", handles[0], handles[1]],
      detached: process.platform !== "win32",
    });
    const timer = setInterval(readFiles, POLL_MS);
    try {
      const ended = new Promise<number | null>((resolve, reject) => {
        engine.once("error", (error) => {
          reject(failure(error, args, "", target));
        });
        engine.once("exit", resolve);
      });
      if (engine.pid !== undefined) {
        options.onStart?.({
          kill(signal) {
            // After a signal the engine waits for the provider. The file makes the provider end a roll-out after the present batch.
            writeFileSync(stop, "", { mode: 0o600 });
            return engine.kill(signal);
          },
        });
      }
      const code = await ended;
      readFiles();
      return { ok: code === 0, errorOutput: readFileSync(errors, "utf8").trim() };
    } finally {
      clearInterval(timer);
    }
  } finally {
    followed.close();
    followedProvider.close();
    for (const handle of handles) closeSync(handle);
    rmSync(folder, { recursive: true, force: true });
  }
}
