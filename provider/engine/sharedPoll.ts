import { asError } from "./errors.js";

export interface SharedPollOptions<Seen> {
  /** Looks at many keys at once. Keys that are not in the answer are absent. */
  readonly look: (keys: readonly string[]) => Promise<ReadonlyMap<string, Seen>>;
  /** Time between two looks at so many keys (milliseconds). */
  readonly intervalMs: (keys: number) => number;
}

const GATHER_MS = 20;

interface Waiter<Seen> {
  readonly key: string;
  readonly until: (seen: Seen | undefined) => boolean;
  readonly deadline: number;
  readonly resolve: (seen: Seen | undefined) => void;
  readonly reject: (error: Error) => void;
  readonly late: (seen: Seen | undefined) => Error;
}

/**
 * Waits for many remote objects by one shared loop of looks: a thousand resources that wait together cost as many
 * calls as one look at a thousand objects, not a loop each.
 */
export class SharedPoll<Seen> {
  private waiters: Waiter<Seen>[] = [];
  private running = false;

  constructor(private readonly options: SharedPollOptions<Seen>) {}

  /**
   * Resolves with what was seen as soon as `until` accepts it.
   *
   * @param withinMs How long to wait at most. At least one look is made.
   * @param late The error to fail with when the time is up, from what was seen last.
   */
  wait(
    key: string,
    until: (seen: Seen | undefined) => boolean,
    withinMs: number,
    late: (seen: Seen | undefined) => Error,
  ): Promise<Seen | undefined> {
    return new Promise((resolve, reject) => {
      this.waiters.push({ key, until, deadline: Date.now() + withinMs, resolve, reject, late });
      if (!this.running) void this.loop();
    });
  }

  private async loop(): Promise<void> {
    this.running = true;
    while (this.waiters.length > 0) {
      // Those who arrive in the same turn, or during a look, share the next look.
      await pause(GATHER_MS);
      const round = this.waiters;
      this.waiters = [];
      try {
        const seen = await this.options.look([...new Set(round.map(({ key }) => key))]);
        for (const waiter of round) this.settle(waiter, seen.get(waiter.key));
      } catch (thrown) {
        for (const { reject } of round) reject(asError(thrown));
      }
      if (this.waiters.length > 0) await pause(this.options.intervalMs(this.waiters.length));
    }
    this.running = false;
  }

  private settle(waiter: Waiter<Seen>, seen: Seen | undefined): void {
    try {
      if (waiter.until(seen)) waiter.resolve(seen);
      else if (Date.now() >= waiter.deadline) waiter.reject(waiter.late(seen));
      else this.waiters.push(waiter);
    } catch (thrown) {
      // Of those who share a look, only the one that failed fails.
      waiter.reject(asError(thrown));
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
