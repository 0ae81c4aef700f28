import { existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { CommandError } from "../commandError.js";

/** Text of a UTF-8 file, every character of it. @throws CommandError */
export function readWhole(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    throw new CommandError(
      `${file} can't be read (${reasonOf(error)}). Check the path, and that it is UTF-8 text.`,
    );
  }
}

/** Writes a file that must not be there yet, unless `force`. @throws CommandError */
export function writeNew(file: string, text: string, { force }: Force): void {
  if (!force && existsSync(file)) {
    throw new CommandError(
      `${file} exists already, and was left as it is. To bring it up to date with the account, use --update ${file}; ` +
        "to write it anew, without its comments and whatever else is in it, use --force.",
    );
  }
  write(file, () => {
    writeFileSync(file, text, { flag: force ? "w" : "wx" });
  });
}

interface Force {
  readonly force: boolean;
}

/** @throws CommandError where a file is there already, unless `force` */
export function requireNew(file: string, { force }: Force): void {
  if (force || !existsSync(file)) return;
  throw new CommandError(`${file} exists already, and was left as it is. To write it anew, use --force.`);
}

/** Writes a file that only its owner may read. @throws CommandError as `requireNew`, and where it can't be written */
export function writeSecret(file: string, text: string, { force }: Force): void {
  requireNew(file, { force });
  write(file, () => {
    // One that is there keeps its mode, and a link leads elsewhere.
    rmSync(file, { force: true });
    writeFileSync(file, text, { flag: "wx", mode: 0o600 });
  });
}

/** Puts a text in the place of a file's, all at once: whoever reads it sees the old or the new one. @throws CommandError */
export function rewrite(file: string, text: string): void {
  write(file, () => {
    const target = realpathSync(file);
    const draft = `${target}.${process.pid}.tmp`;
    try {
      writeFileSync(draft, text, { mode: statSync(target).mode });
      renameSync(draft, target);
    } finally {
      rmSync(draft, { force: true });
    }
  });
}

function write(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new CommandError(
      `${file} can't be written (${reasonOf(error)}). Check the path and its permissions.`,
    );
  }
}

function reasonOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "code" in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
