import { closeSync, constants, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import type { Clock } from "../engine/clock.js";
import { ExpectedError } from "../engine/errors.js";
import { poll } from "../engine/poll.js";

export interface LockOptions {
  readonly clock: Clock;
  /** How long to wait for another run, in milliseconds. Default: 60 s. */
  readonly withinMs?: number;
  /** Told once when another run is waited for. */
  readonly waiting?: (text: string) => void;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
}

const WITHIN_MS = 60_000;

/** Locks a log for this process, and gives what unlocks it. @throws ExpectedError where another run does not end */
export async function lock(
  file: string,
  { clock, withinMs = WITHIN_MS, waiting }: LockOptions,
): Promise<() => void> {
  let told = false;
  const { seen } = await poll({
    look: () => Promise.resolve(attempt(file)),
    until: (outcome) => {
      if (outcome.locked) return true;
      if (!told)
        waiting?.(
          `Another run (process ${outcome.holder?.pid ?? "unknown"}) uses the journal ${file}. This one waits for it.`,
        );
      told = true;
      return false;
    },
    everyMs: { first: 100, slowest: 1_000 },
    withinMs,
    clock,
  });
  if (!seen.locked) {
    throw new ExpectedError(
      `Another run (process ${seen.holder?.pid ?? "unknown"} on ${seen.holder?.host ?? "another machine"}) still uses the journal after ` +
        `${withinMs / 1000} s. Wait for it to end. If it has ended, remove ${file}. Nothing was changed.`,
    );
  }
  return () => {
    rmSync(file, { force: true });
  };
}

type Attempt = { readonly locked: true } | { readonly locked: false; readonly holder: Holder | undefined };

function attempt(file: string): Attempt {
  try {
    const handle = openSync(
      file,
      constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW,
      0o600,
    );
    writeSync(handle, JSON.stringify({ pid: process.pid, host: hostname() } satisfies Holder));
    closeSync(handle);
    return { locked: true };
  } catch (thrown) {
    if (!isCode(thrown, "EEXIST")) throw thrown;
  }
  const holder = holderOf(file);
  if (holder !== undefined && (holder.host !== hostname() || isAlive(holder.pid)))
    return { locked: false, holder };
  // Whoever held it is gone. Of two that see this, one makes the next file.
  if (holder !== undefined) rmSync(file, { force: true });
  return { locked: false, holder };
}

function holderOf(file: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value !== "object" || value === null || !("pid" in value) || !("host" in value))
      return undefined;
    return typeof value.pid === "number" && typeof value.host === "string"
      ? { pid: value.pid, host: value.host }
      : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return isCode(thrown, "EPERM");
  }
}

function isCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === code;
}
