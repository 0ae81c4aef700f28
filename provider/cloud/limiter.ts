import PQueue from "p-queue";

/** Requests in flight at once; further ones wait their turn. */
export const REQUESTS_AT_ONCE = 16;
/** Requests sent within any one second. nRF Cloud publishes no limit of its own. */
export const DEFAULT_REQUESTS_PER_SECOND = 100;

/**
 * Lets requests through no faster and no more at once than an account is likely to bear. One for all that is sent with one
 * API key: limits are the account's, not a resource's. Repetitions pass here like first tries.
 */
export class RequestLimiter {
  private readonly queue: PQueue;
  private pausedUntil = 0;

  constructor(requestsPerSecond = DEFAULT_REQUESTS_PER_SECOND) {
    this.queue = new PQueue({
      concurrency: REQUESTS_AT_ONCE,
      interval: 1000,
      intervalCap: requestsPerSecond,
      // Counts over any second, where fixed windows would let twice as many through around their edge.
      strict: true,
    });
  }

  /** Waits for its turn, then sends. */
  run<T>(send: () => Promise<T>): Promise<T> {
    return this.queue.add(send);
  }

  /**
   * Nothing is sent for so long (milliseconds): the service said that it is called too often, which it would say to every
   * other request as well. Of several pauses the one that ends last counts.
   */
  pause(ms: number): void {
    const until = Date.now() + ms;
    if (until <= this.pausedUntil) return;
    this.pausedUntil = until;
    this.queue.pause();
    setTimeout(() => {
      if (this.pausedUntil === until) this.queue.start();
    }, ms);
  }
}
