import type { Clock } from "./clock.js";

/** Looking again and again, until something is as it should be. */
export interface Polling<Seen> {
  readonly read: () => Promise<Seen>;
  /** Whether what was seen is what is waited for. */
  readonly until: (seen: Seen) => boolean;
  /** Time between two reads (milliseconds): at first, and at most. Each pause is half as long again as the one before. */
  readonly everyMs: { readonly first: number; readonly slowest: number };
  /** How long to wait (milliseconds). At least one read is made, and the last one at the end of this time. */
  readonly withinMs: number;
  readonly clock: Clock;
  /** Ends the wait early, after the present read. */
  readonly signal?: AbortSignal;
}

/** How a wait ended, with what was seen last. `late`: the time was up, or the signal ended the wait. */
export interface Polled<Seen> {
  readonly kind: "met" | "late";
  readonly seen: Seen;
}

/** Reads at once, and then again with growing pauses. An error of a read ends the wait. */
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
