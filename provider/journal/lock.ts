import { constants, copyFileSync, linkSync, renameSync, rmSync } from "node:fs";
import type { Clock } from "../engine/clock.js";
import { ExpectedError } from "../engine/errors.js";
import { poll } from "../engine/poll.js";
import { readRegularFile, writeNew } from "./file.js";
import { hasEnded, readHolder, thisProcess, type Holder } from "./holder.js";
import { fileError, isCode } from "./errors.js";

export interface LockOptions {
  readonly clock: Clock;
  /** How long to wait for another run, in milliseconds. Default: 60 s. */
  readonly withinMs?: number;
  /** Called once after waiting for another run for a second. */
  readonly waiting?: (text: string) => void;
}

const WITHIN_MS = 60_000;
const REPORT_AFTER_MS = 1_000;

/**
 * Locks a log, and returns the function that unlocks it. The lock of an ended process is replaced.
 * @throws ExpectedError if another run does not end in time
 */
export async function lock(
  file: string,
  { clock, withinMs = WITHIN_MS, waiting }: LockOptions,
): Promise<() => void> {
  const me = thisProcess();
  const since = clock.now().getTime();
  let isReported = false;
  const { seen } = await poll({
    read: () => Promise.resolve(attempt(file, me)),
    until: (outcome) => {
      if (outcome.locked) return true;
      if (!isReported && clock.now().getTime() - since >= REPORT_AFTER_MS) {
        isReported = true;
        waiting?.(
          `Another run (${describe(outcome.holder)}) uses the journal ${file}. This run waits for it.`,
        );
      }
      return false;
    },
    everyMs: { first: 100, slowest: 1_000 },
    withinMs,
    clock,
  });
  if (!seen.locked) {
    throw new ExpectedError(
      `Another run (${describe(seen.holder)}) still uses the journal after ${withinMs / 1000} s. Wait for it to end. ` +
        `If it has ended, delete ${file}. Nothing was changed.`,
    );
  }
  return () => {
    const found = readLock(file);
    if (found.kind === "held" && found.holder.token === me.token) rmSync(file, { force: true });
  };
}

/** Whether no running process holds a lock. */
export function isFree(file: string): boolean {
  const found = readLock(file);
  return found.kind === "free" || (found.kind === "held" && hasEnded(found.holder));
}

type Attempt = { readonly locked: true } | { readonly locked: false; readonly holder: Holder | undefined };

const LOCKED: Attempt = { locked: true };

function attempt(file: string, me: Holder): Attempt {
  const found = readLock(file);
  if (found.kind === "unclear") return { locked: false, holder: undefined };
  if (found.kind === "free") return create(file, me) ? LOCKED : { locked: false, holder: undefined };
  return hasEnded(found.holder)
    ? replaceLock(file, found.holder, me)
    : { locked: false, holder: found.holder };
}

/**
 * Replaces the lock of an ended process. Several processes may try that at once, and if each removed the lock, the second would remove the
 * new lock of the first. So only the process that gets a second lock, named after the ended holder, may replace the first.
 */
function replaceLock(file: string, ended: Holder, me: Holder): Attempt {
  const claim = `${file}.${ended.token}`;
  const notLocked: Attempt = { locked: false, holder: ended };
  if (!attempt(claim, me).locked) return notLocked;
  try {
    const found = readLock(file);
    if (found.kind !== "held" || found.holder.token !== ended.token) return notLocked;
    withDraft(file, me, (draft) => {
      renameSync(draft, file);
    });
    return LOCKED;
  } catch (thrown) {
    throw fileError(file, thrown);
  } finally {
    rmSync(claim, { force: true });
  }
}

/** Creates a lock atomically with its content; false if it exists. */
function create(file: string, me: Holder): boolean {
  try {
    withDraft(file, me, (draft) => {
      linkOrCopy(draft, file);
    });
    return true;
  } catch (thrown) {
    if (isCode(thrown, "EEXIST")) return false;
    throw fileError(file, thrown);
  }
}

function withDraft(file: string, me: Holder, place: (draft: string) => void): void {
  const draft = `${file}.${me.token}.draft`;
  rmSync(draft, { force: true });
  writeNew(draft, JSON.stringify(me), { durable: false });
  try {
    place(draft);
  } finally {
    rmSync(draft, { force: true });
  }
}

function linkOrCopy(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (thrown) {
    if (isCode(thrown, "EEXIST")) throw thrown;
    // The file system has no hard links.
    copyFileSync(draft, file, constants.COPYFILE_EXCL);
  }
}

type Found =
  | { readonly kind: "free" }
  | { readonly kind: "held"; readonly holder: Holder }
  /** The file exists, but names no process. */
  | { readonly kind: "unclear" };

function readLock(file: string): Found {
  const text = readRegularFile(file);
  if (text === undefined) return { kind: "free" };
  const holder = readHolder(text);
  return holder === undefined ? { kind: "unclear" } : { kind: "held", holder };
}

function describe(holder: Holder | undefined): string {
  return holder === undefined ? "an unknown process" : `process ${holder.pid} on ${holder.host}`;
}
