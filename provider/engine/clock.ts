import { setTimeout as pause } from "node:timers/promises";

/** The time, and waiting for it to pass. */
export interface Clock {
  now(): Date;
  /** @param ms milliseconds */
  sleep(ms: number): Promise<void>;
}

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms) => pause(ms),
};
