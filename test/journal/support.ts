import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { systemClock } from "../../provider/engine/clock.js";
import { RedoLog, type LogName } from "../../provider/journal/log.js";

/** Folders for the tests of a file, removed after the last. */
export function useFolders(): () => string {
  const root = mkdtempSync(path.join(tmpdir(), "journal-"));
  let made = 0;
  afterAll(() => {
    rmSync(root, { recursive: true });
  });
  // Not made yet: that is the log's own affair.
  return () => path.join(root, String(made++));
}

/** A key that is the same in all runs of a test. */
export const KEY = Buffer.alloc(32, 7).toString("base64");
export const OTHER_KEY = Buffer.alloc(32, 8).toString("base64");

export const NAME: LogName = { project: "project", stack: "dev", set: "fleet", key: KEY };

/** A time of the service, so many seconds after a fixed one. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
}

export function opened(folder: string, name: LogName = NAME): Promise<RedoLog> {
  return RedoLog.open(folder, name, { clock: systemClock, withinMs: 5_000 });
}

/** Opens a log, does something with it, and closes it. */
export async function written<Result>(
  folder: string,
  write: (log: RedoLog) => Result,
  name: LogName = NAME,
): Promise<Result> {
  const log = await opened(folder, name);
  try {
    return write(log);
  } finally {
    log.close();
  }
}

/** What a log has beyond a revision: the steps of each row, in short. */
export function steps(log: RedoLog, revision = 0): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    [...log.unrecorded(revision)].map(([id, row]) => [
      id,
      row.steps.map(({ step, revision: of, ended }) => `${step} ${of} ${ended?.outcome ?? "open"}`),
    ]),
  );
}

export const NOTHING = { done: [], refused: [], unsettled: [] };
