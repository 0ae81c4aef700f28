import type { Clock } from "./clock.js";

export interface Polling<Seen> {
  readonly read: () => Promise<Seen>;
  /** Whether a result ends the wait. */
  readonly until: (seen: Seen) => boolean;
  /** Pause between two reads (milliseconds): the first, and the longest. Each pause is 1.5 times the one before. */
  readonly everyMs: { readonly first: number; readonly slowest: number };
  /** How long to wait (milliseconds). At least one read happens, and the last one at the end of this time. */
  readonly withinMs: number;
  readonly clock: Clock;
  /** Ends the wait after the present read. */
  readonly signal?: AbortSignal;
}

/** How a wait ended, with the last result. `late`: the time was over, or the signal ended the wait. */
export interface Polled<Seen> {
  readonly kind: "met" | "late";
  readonly seen: Seen;
}

/** Reads immediately, and then again with growing pauses. An error of a read ends the wait. */
export async function poll<Seen>(polling: Polling<Seen>): Promise<Polled<Seen>> {
  const { read, until, everyMs, withinMs, clock, signal } = polling;
  const end = clock.now().getTime() + withinMs;
  for (let pause = everyMs.first; ; pause = Math.min(pause * 1.5, everyMs.slowest)) {
    const seen = await read();
    if (until(seen)) return { kind: "met", seen };
    const left = end - clock.now().getTime();
    if (left <= 0 || signal?.aborted === true) return { kind: "late", seen };
    await clock.sleep(Math.min(pause, left));
  }
}
