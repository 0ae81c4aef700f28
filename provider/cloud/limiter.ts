import PQueue from "p-queue";

/** The number of concurrent requests. */
export const REQUESTS_AT_ONCE = 16;
/** nRF Cloud publishes no limit. */
export const DEFAULT_REQUESTS_PER_SECOND = 100;

/**
 * Limits the rate and number of concurrent requests, retries included. All requests with one API key must share a limiter, since
 * nRF Cloud's limits are per account.
 */
export class RequestLimiter {
  private readonly queue: PQueue;
  private pausedUntil = 0;

  constructor(requestsPerSecond = DEFAULT_REQUESTS_PER_SECOND) {
    this.queue = new PQueue({
      concurrency: REQUESTS_AT_ONCE,
      interval: 1000,
      intervalCap: requestsPerSecond,
      // A sliding window. Fixed windows would allow twice the rate around their edges.
      strict: true,
    });
  }

  run<T>(send: () => Promise<T>): Promise<T> {
    return this.queue.add(send);
  }

  /**
   * Pauses all requests for some milliseconds, after an answer 429. If pauses overlap, the one that ends last counts.
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
