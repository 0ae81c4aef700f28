import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

/** Only the owner can read the file. */
export const OWNER_ONLY = 0o600;

/**
 * Creates a file. Fails if anything exists at the path, also a link, and leaves no partial file.
 * @param mode default: by the umask
 */
export function createFile(file: string, content: string, mode?: number): void {
  const handle = openSync(file, "wx", mode ?? 0o666);
  try {
    if (mode !== undefined && process.platform !== "win32") fchmodSync(handle, mode);
    writeFileSync(handle, content);
    fsyncSync(handle);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}

/**
 * Replaces the file at a path in one step. Replaces a link and does not follow it. A reader sees the complete old or new file.
 */
export function replaceFile(file: string, content: string, mode?: number): void {
  const own = mkdtempSync(path.join(path.dirname(file), ".nrfcloud-"));
  try {
    const fresh = path.join(own, path.basename(file));
    createFile(fresh, content, mode);
    renameSync(fresh, file);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** The system's reason for a failed file operation. */
export function reasonOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "code" in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
