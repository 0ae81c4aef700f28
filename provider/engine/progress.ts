import { appendFileSync } from "node:fs";

/**
 * Tells whoever runs the engine what only the provider knows of a long operation. Where the environment variable
 * `NRF_CLOUD_PROGRESS` names a file, a line of JSON is appended to it for each of these; otherwise nothing is written.
 * Counts only: no ids, no secrets.
 */
export type ProgressLine =
  | { readonly batch: "sent"; readonly id: number; readonly rows: number }
  | { readonly batch: "ended"; readonly id: number; readonly rows: number }
  /** How many devices wait for their first connect now. */
  | { readonly waiting: number };

let batches = 0;
const waiting = new Set<string>();

/** Does the work of one batch of so many rows, and tells when it is sent and when it has ended, whichever way. */
export async function asBatch<T>(rows: number, send: () => Promise<T>): Promise<T> {
  const id = ++batches;
  tell({ batch: "sent", id, rows });
  try {
    return await send();
  } finally {
    tell({ batch: "ended", id, rows });
  }
}

/** Tells that a device waits for its first connect, or no longer does. */
export function waitsToConnect(deviceId: string, waits: boolean): void {
  if (waiting.has(deviceId) === waits) return;
  if (waits) waiting.add(deviceId);
  else waiting.delete(deviceId);
  tell({ waiting: waiting.size });
}

function tell(line: ProgressLine): void {
  const file = process.env.NRF_CLOUD_PROGRESS;
  if (file === undefined || file === "") return;
  try {
    appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  } catch {
    // Nobody's devices may fail because nobody can watch.
  }
}
