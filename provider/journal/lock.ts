import { constants, copyFileSync, linkSync, renameSync, rmSync } from "node:fs";
import type { Clock } from "../engine/clock.js";
import { ExpectedError } from "../engine/errors.js";
import { poll } from "../engine/poll.js";
import { readOwn, writeNew } from "./file.js";
import { hasEnded, readHolder, thisProcess, type Holder } from "./holder.js";
import { fileTrouble, isCode } from "./trouble.js";

export interface LockOptions {
  readonly clock: Clock;
  /** How long to wait for another run, in milliseconds. Default: 60 s. */
  readonly withinMs?: number;
  /** Told once when another run has been waited for a second. */
  readonly waiting?: (text: string) => void;
}

const WITHIN_MS = 60_000;
const REPORT_AFTER_MS = 1_000;

/**
 * Locks a log for one user in this process, and gives what unlocks it. The lock of an ended process is free.
 * @throws ExpectedError where another run does not end
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
        waiting?.(`Another run (${named(outcome.holder)}) uses the journal ${file}. This run waits for it.`);
      }
      return false;
    },
    everyMs: { first: 100, slowest: 1_000 },
    withinMs,
    clock,
  });
  if (!seen.locked) {
    throw new ExpectedError(
      `Another run (${named(seen.holder)}) still uses the journal after ${withinMs / 1000} s. Wait for it to end. ` +
        `If it has ended, delete ${file}. Nothing was changed.`,
    );
  }
  return () => {
    const found = readLock(file);
    if (found.kind === "held" && found.holder.token === me.token) rmSync(file, { force: true });
  };
}

/** Whether nobody holds a lock who may still be at work. */
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
  return hasEnded(found.holder) ? takeOver(file, found.holder, me) : { locked: false, holder: found.holder };
}

/**
 * Of all that find the same process ended, one alone may replace its lock: the one that holds a lock of that name. Had they all removed
 * it, the second would remove the lock of the first.
 */
function takeOver(file: string, ended: Holder, me: Holder): Attempt {
  const right = `${file}.${ended.token}`;
  const notYet: Attempt = { locked: false, holder: ended };
  if (!attempt(right, me).locked) return notYet;
  try {
    const found = readLock(file);
    if (found.kind !== "held" || found.holder.token !== ended.token) return notYet;
    written(file, me, (draft) => {
      renameSync(draft, file);
    });
    return LOCKED;
  } catch (thrown) {
    throw fileTrouble(file, thrown);
  } finally {
    rmSync(right, { force: true });
  }
}

/** Makes the lock where there is none, with all its text at once. */
function create(file: string, me: Holder): boolean {
  try {
    written(file, me, (draft) => {
      linkOrCopy(draft, file);
    });
    return true;
  } catch (thrown) {
    if (isCode(thrown, "EEXIST")) return false;
    throw fileTrouble(file, thrown);
  }
}

function written(file: string, me: Holder, place: (draft: string) => void): void {
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
    // A file system without hard links.
    copyFileSync(draft, file, constants.COPYFILE_EXCL);
  }
}

type Found =
  | { readonly kind: "free" }
  | { readonly kind: "held"; readonly holder: Holder }
  /** There is something that names nobody. */
  | { readonly kind: "unclear" };

function readLock(file: string): Found {
  const text = readOwn(file);
  if (text === undefined) return { kind: "free" };
  const holder = readHolder(text);
  return holder === undefined ? { kind: "unclear" } : { kind: "held", holder };
}

function named(holder: Holder | undefined): string {
  return holder === undefined ? "an unknown process" : `process ${holder.pid} on ${holder.host}`;
}
