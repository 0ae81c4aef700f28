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
import { fileError, isCode } from "./errors.js";

const OWNER_ONLY = 0o600;
const NEWLINE = 0x0a;
const CHUNK = 64 * 1024;
/** Fails for existing files, and does not follow links. */
const NEW = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;

/** Reads a file that is not a link; `undefined` if it does not exist. @throws ExpectedError */
export function readRegularFile(file: string): string | undefined {
  try {
    const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return readFileSync(handle, "latin1");
    } finally {
      closeSync(handle);
    }
  } catch (thrown) {
    if (isCode(thrown, "ENOENT", "ENOTDIR")) return undefined;
    throw fileError(file, thrown);
  }
}

/** The complete lines of a log; none without a file. A last line that an interruption cut off is left out. */
export function readLines(file: string): string[] {
  const text = readRegularFile(file) ?? "";
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "");
}

/** Creates a file, completely or not at all. @param durable whether the file must be on the disk when this returns */
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

/** Appends lines to a file. Each is on the disk when the call returns. */
export class AppendedFile {
  private readonly handle: number;
  /** The length of all complete lines in bytes. */
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
      this.size = lengthOfCompleteLines(this.handle);
      syncFolder(file);
    } catch (thrown) {
      throw fileError(file, thrown);
    }
  }

  /** @throws ExpectedError, with the file unchanged */
  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    try {
      const { size, nlink } = fstatSync(this.handle);
      if (nlink === 0) throw new Error("somebody removed it during the run");
      if (size !== this.size) ftruncateSync(this.handle, this.size);
      writeFileSync(this.handle, bytes);
      fsyncSync(this.handle);
    } catch (thrown) {
      throw fileError(this.file, thrown);
    }
    this.size += bytes.length;
  }

  close(): void {
    closeSync(this.handle);
  }
}

/**
 * Replaces the lines of a file atomically.
 * @param next a temporary file in the same folder
 * @throws ExpectedError
 */
export function rewrite(file: string, next: string, lines: readonly string[]): void {
  try {
    // Left by an interrupted rewrite.
    rmSync(next, { force: true });
    writeNew(next, lines.map((line) => `${line}\n`).join(""), { durable: true });
    renameSync(next, file);
  } catch (thrown) {
    throw fileError(file, thrown);
  }
  syncFolder(file);
}

/** The length of all complete lines in bytes. After them may be a line that an interruption cut off. */
function lengthOfCompleteLines(handle: number): number {
  const chunk = Buffer.alloc(CHUNK);
  for (let end = fstatSync(handle).size; end > 0; end -= CHUNK) {
    const start = Math.max(0, end - CHUNK);
    const read = readSync(handle, chunk, 0, end - start, start);
    const last = chunk.subarray(0, read).lastIndexOf(NEWLINE);
    if (last >= 0) return start + last + 1;
  }
  return 0;
}

/** Makes the file's directory entry durable, if the system supports it. */
function syncFolder(file: string): void {
  try {
    const handle = openSync(path.dirname(file), constants.O_RDONLY);
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Windows can't open folders.
  }
}
