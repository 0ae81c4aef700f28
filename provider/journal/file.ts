import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { asError, ExpectedError } from "../engine/errors.js";

/** Of the files of a log, and of nothing else in the folder. */
const PATTERN = /^[\w.%-]{1,200}\.[0-9a-f]{8}\.(log|lock)$/;

/** Whether a file in the folder is one of ours. */
export function isOfLog(name: string): boolean {
  return PATTERN.test(name);
}

/** Names of files in the folder that are ours. */
export function logFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter(isOfLog);
  } catch {
    return [];
  }
}

/**
 * Makes the folder, for its owner alone, and sees that it can be written.
 * @throws ExpectedError that says what the folder is for
 */
export function requireFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    if (found.isSymbolicLink()) throw new Error("it is a symbolic link");
    if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
    const probe = path.join(folder, `.probe-${process.pid}`);
    closeSync(
      openSync(
        probe,
        constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW,
        0o600,
      ),
    );
    rmSync(probe);
  } catch (thrown) {
    throw new ExpectedError(
      `The journal folder ${folder} can't be written (${reasonOf(thrown)}). A run writes into it what it is about to do, so that an interrupted ` +
        "run loses no key. Make the folder writable, or name another with NRF_CLOUD_JOURNAL. Nothing was changed.",
    );
  }
}

/** The whole lines of a log; none where there is no file. A line that was torn when the run was killed is left out. */
export function readLines(file: string): string[] {
  try {
    const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const text = readFileSync(handle, "utf8");
      return text
        .slice(0, text.lastIndexOf("\n") + 1)
        .split("\n")
        .filter((line) => line !== "");
    } finally {
      closeSync(handle);
    }
  } catch (thrown) {
    if (asError(thrown).message.includes("ENOENT")) return [];
    throw unreadable(file, thrown);
  }
}

/** Appends to one file, each line on the disk before the call returns. */
export class AppendedFile {
  private readonly handle: number;

  constructor(private readonly file: string) {
    try {
      this.handle = openSync(
        file,
        constants.O_CREAT | constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW,
        0o600,
      );
      fchmodSync(this.handle, 0o600);
      this.cutTornLine();
    } catch (thrown) {
      throw unreadable(file, thrown);
    }
  }

  append(line: string): void {
    try {
      writeSync(this.handle, `${line}\n`);
      fsyncSync(this.handle);
    } catch (thrown) {
      throw unreadable(this.file, thrown);
    }
  }

  close(): void {
    closeSync(this.handle);
  }

  private cutTornLine(): void {
    const { size } = fstatSync(this.handle);
    if (size === 0) return;
    const bytes = readFileSync(this.file);
    const whole = bytes.lastIndexOf(0x0a) + 1;
    if (whole < bytes.length) ftruncateSync(this.handle, whole);
  }
}

/** Replaces a file by these lines, as a whole or not at all. */
export function rewrite(file: string, lines: readonly string[]): void {
  const next = `${file}.${process.pid}.new`;
  rmSync(next, { force: true });
  const handle = openSync(
    next,
    constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    for (const line of lines) writeSync(handle, `${line}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(next, file);
}

function unreadable(file: string, thrown: unknown): ExpectedError {
  return new ExpectedError(
    `The journal ${file} can't be used (${reasonOf(thrown)}). Remove what stands in its place, or name another folder with NRF_CLOUD_JOURNAL.`,
  );
}

function reasonOf(thrown: unknown): string {
  const { message } = asError(thrown);
  return /^(E[A-Z]+): ([^,]+)/.exec(message)?.[2] ?? message;
}
