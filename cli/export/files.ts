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
export function writeNew(file: string, text: string, { force }: { readonly force: boolean }): void {
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
