/** Reads files of limited size, and explains failures. */
import { isAbsolute, join } from "node:path";
import { textAt } from "../data.js";
import { quote, type Violation } from "../rules.js";
import { decodeText } from "./textFile.js";
import { UnreadableFile } from "./unreadableFile.js";
import type { ReadResult } from "../readResult.js";
import type { FleetIo } from "./io.js";

/** Limits in bytes, each far above the need of real fleets. */
export const limits = {
  fleetFile: 10_000_000,
  csvFile: 100_000_000,
  pemFile: 64_000,
  archiveFile: 1_000_000,
  passwordFile: 4_000,
  codeFile: 4_000,
  tokenFile: 4_000,
} as const;

/** A path relative to the working directory. `folder` is that of the file which contains `path`. */
export function resolvePath(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/** Reads a text file without its byte order mark, and with LF line ends. */
export function readFile(path: string, maxBytes: number, io: FleetIo): ReadResult<string> {
  return tryRead(path, () => toText(readBytes(path, maxBytes, io), path));
}

export function readBytes(path: string, maxBytes: number, io: FleetIo): Buffer {
  const bytes = io.readBytes(path, maxBytes);
  if (bytes.length > maxBytes) throw tooLarge(path, maxBytes);
  return bytes;
}

export function toText(bytes: Buffer, path: string): string {
  return decodeText(bytes, path).replace(/\r\n?/g, "\n");
}

export function tryRead<T>(path: string, read: () => T): ReadResult<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    return { ok: false, ...explainFailure(path, error) };
  }
}

export function tooLarge(path: string, maxBytes: number): UnreadableFile {
  const limit = maxBytes < 1_000_000 ? `${maxBytes / 1000} kB` : `${maxBytes / 1_000_000} MB`;
  return new UnreadableFile(
    `the file ${quote(path)} is larger than ${limit}`,
    "check that it is the right file, or split it",
  );
}

/** @param path absolute, so that the message is clear whatever the working directory is */
export function missingFile(path: string): UnreadableFile {
  return new UnreadableFile(`the file ${quote(path)} ${noSuchFile.message}`, noSuchFile.fix);
}

export function explainFailure(path: string, error: unknown): Violation {
  if (error instanceof UnreadableFile) return { message: error.message, fix: error.fix };
  const code = textAt(error, "code") ?? "";
  const known = readFailures.get(code);
  if (known) return { message: `the file ${quote(path)} ${known.message}`, fix: known.fix };
  return {
    message: `the file ${quote(path)} can't be read${code === "" ? "" : ` (${code})`}`,
    fix: "check the path",
  };
}

const noSuchFile: Violation = {
  message: "does not exist",
  fix: "correct the path (those in a file start at that file's folder)",
};
const notPermitted: Violation = {
  message: "is not readable for this user",
  fix: "change the permissions of the file",
};
const readFailures: ReadonlyMap<string, Violation> = new Map([
  ["ENOENT", noSuchFile],
  ["ENOTDIR", noSuchFile],
  ["EACCES", notPermitted],
  ["EPERM", notPermitted],
  ["EISDIR", { message: "is a folder", fix: "name a file" }],
]);
