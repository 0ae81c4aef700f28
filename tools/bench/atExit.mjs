// Cleans up at the end of this process: stops what it started, and removes what it wrote.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** @type {Set<() => void>} */
const duties = new Set();

process.once("exit", () => {
  for (const duty of [...duties].reverse()) {
    try {
      duty();
    } catch (error) {
      console.error(`Not cleaned up: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
});
for (const [signal, code] of /** @type {const} */ ([
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGTERM", 143],
])) {
  process.once(signal, () => {
    console.error("\nInterrupted: ending what was started, removing what was written.");
    process.exit(code);
  });
}

/**
 * Has a duty done when it is called for, or when this process ends if that is sooner. Never twice.
 * @param {() => void} duty  Synchronous: a process that ends waits for nothing.
 * @returns {() => void}
 */
export function atExit(duty) {
  const once = () => {
    if (duties.delete(once)) duty();
  };
  duties.add(once);
  return once;
}

/**
 * Makes a folder in the system's temporary folder that lasts no longer than this process.
 * @param {string} name
 * @returns {{ folder: string, remove: () => void }}
 */
export function temporaryFolder(name) {
  const folder = mkdtempSync(path.join(tmpdir(), `nrfcloud-bench-${name}-`));
  const remove = atExit(() => {
    // A process that was killed a moment ago may still be writing.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  return { folder, remove };
}
