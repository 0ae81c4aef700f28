import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileTrouble, isCode } from "./trouble.js";

const OWNER_ONLY = 0o600;
const NEWLINE = 0x0a;
const CHUNK = 64 * 1024;
/** What a new file is opened with: never one that is there already, nor where a link points. */
const NEW = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;

/** The text of a file, which may not be a link; `undefined` where there is none. @throws ExpectedError */
export function readOwn(file: string): string | undefined {
  try {
    const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return readFileSync(handle, "latin1");
    } finally {
      closeSync(handle);
    }
  } catch (thrown) {
    if (isCode(thrown, "ENOENT", "ENOTDIR")) return undefined;
    throw fileTrouble(file, thrown);
  }
}

/** The whole lines of a log; none without a file. A last line that an interruption cut is left out. */
export function readLines(file: string): string[] {
  const text = readOwn(file) ?? "";
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "");
}

/** Writes a file that is not there yet, or none. @param durable whether it is to be on the disk when this returns */
export function writeNew(file: string, text: string, { durable }: { readonly durable: boolean }): void {
  const handle = openSync(file, NEW, OWNER_ONLY);
  try {
    fchmodSync(handle, OWNER_ONLY);
    writeFileSync(handle, text);
    if (durable) fsyncSync(handle);
  } catch (thrown) {
    rmSync(file, { force: true });
    throw thrown;
  } finally {
    closeSync(handle);
  }
}

/** Appends to one file, each line on the disk before the call returns. */
export class AppendedFile {
  private readonly handle: number;
  /** How many bytes are whole lines. */
  private size: number;

  /** @throws ExpectedError */
  constructor(private readonly file: string) {
    try {
      this.handle = openSync(
        file,
        constants.O_CREAT | constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW,
        OWNER_ONLY,
      );
      fchmodSync(this.handle, OWNER_ONLY);
      this.size = wholeLines(this.handle);
      syncFolder(file);
    } catch (thrown) {
      throw fileTrouble(file, thrown);
    }
  }

  /** @throws ExpectedError, and then the file is as it was */
  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    try {
      const { size, nlink } = fstatSync(this.handle);
      if (nlink === 0) throw new Error("somebody removed it during the run");
      if (size !== this.size) ftruncateSync(this.handle, this.size);
      writeFileSync(this.handle, bytes);
      fsyncSync(this.handle);
    } catch (thrown) {
      throw fileTrouble(this.file, thrown);
    }
    this.size += bytes.length;
  }

  close(): void {
    closeSync(this.handle);
  }
}

/**
 * Replaces a file by these lines, as a whole or not at all.
 * @param next where they are written first, in the same folder
 * @throws ExpectedError
 */
export function rewrite(file: string, next: string, lines: readonly string[]): void {
  try {
    // The rest of an interrupted rewrite.
    rmSync(next, { force: true });
    writeNew(next, lines.map((line) => `${line}\n`).join(""), { durable: true });
    renameSync(next, file);
  } catch (thrown) {
    throw fileTrouble(file, thrown);
  }
  syncFolder(file);
}

/** How many bytes of a file are whole lines: after them may be a line that an interruption cut. */
function wholeLines(handle: number): number {
  const chunk = Buffer.alloc(CHUNK);
  for (let end = fstatSync(handle).size; end > 0; end -= CHUNK) {
    const start = Math.max(0, end - CHUNK);
    const read = readSync(handle, chunk, 0, end - start, start);
    const last = chunk.subarray(0, read).lastIndexOf(NEWLINE);
    if (last >= 0) return start + last + 1;
  }
  return 0;
}

/** That the file is in its folder is on the disk, too, where the system can promise it. */
function syncFolder(file: string): void {
  try {
    const handle = openSync(path.dirname(file), constants.O_RDONLY);
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Windows opens no folders.
  }
}
