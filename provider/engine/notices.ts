import { onShutdown } from "./shutdown.js";

/** A remark on many resources that belongs in front of the person who runs the operation. */
export interface Notice {
  /** What happens, and what to do about it; the same words for every resource it is true of. */
  readonly text: string;
  /** The resource it is about, as users know it. */
  readonly subject: string;
}

const QUIET_MS = 100;
const NAMED_AT_MOST = 8;

const pending = new Map<string, Set<string>>();
const told = new Set<string>();
let quiet: NodeJS.Timeout | undefined;
let watchingExit = false;

/**
 * Tells the user something once. Notices with the same text are gathered into one line that names the first
 * resources and counts the rest, so that 3,000 devices don't print 3,000 lines. The engine shows what a dynamic
 * provider prints as information on the stack.
 */
export function notice({ text, subject }: Notice): void {
  const key = `${text}\n${subject}`;
  if (told.has(key)) return;
  told.add(key);
  const subjects = pending.get(text) ?? new Set();
  pending.set(text, subjects.add(subject));
  clearTimeout(quiet);
  quiet = setTimeout(flushNotices, QUIET_MS);
  if (!watchingExit) {
    watchingExit = true;
    onShutdown(flushNotices);
  }
}

/** Prints what is still being gathered: for those who have something to say when the process ends. */
export function flushNotices(): void {
  for (const [text, subjects] of pending) process.stdout.write(`${noticeLine(text, [...subjects])}\n`);
  pending.clear();
}

/** @internal One line for people, e.g. `3 times: <text> (a, b, c)`. */
export function noticeLine(text: string, subjects: readonly string[]): string {
  const [first] = subjects;
  if (subjects.length === 1 && first !== undefined) return `${first}: ${text}`;
  const named = subjects.slice(0, NAMED_AT_MOST).join(", ");
  const rest = subjects.length - NAMED_AT_MOST;
  return `${subjects.length} times: ${text} (${named}${rest > 0 ? ` and ${rest} more` : ""})`;
}
