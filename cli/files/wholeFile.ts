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

/** Readable by its owner alone. */
export const OWNER_ONLY = 0o600;

/**
 * Creates a file where there is nothing, not even a link, or fails and leaves none.
 * @param mode default: as the umask says
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
 * Puts a file of its own into a place, whatever is there: a link is replaced, not followed, and whoever reads meanwhile sees the old file
 * or the new one, whole.
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

/** Why a file could not be written, in the system's own words. */
export function reasonOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "code" in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
