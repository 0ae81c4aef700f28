import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";

/** Paths of locks that this very process holds. */
const held = new Set<string>();

/**
 * Makes this process the only emulator that works on a data directory; throws if another one that is still alive does.
 * Returns a function that releases the lock. The lock of a killed process is taken over.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true });
  const path = join(resolve(directory), "emulator.pid");
  if (!(await tryCreate(path))) {
    const holder = Number(await readFile(path, "utf8").catch(() => ""));
    if (held.has(path) || (holder !== process.pid && isAlive(holder))) {
      throw new Error(
        `another emulator (process ${holder}) uses ${directory}. Stop it, or choose another directory. ` +
          `If process ${holder} is not an emulator, delete ${path}.`,
      );
    }
    await rm(path, { force: true });
    if (!(await tryCreate(path))) throw new Error(`another emulator has just started in ${directory}`);
  }
  held.add(path);
  return async () => {
    held.delete(path);
    await rm(path, { force: true });
  };
}

async function tryCreate(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
