import { setTimeout as pause } from "node:timers/promises";

export interface Clock {
  now(): Date;
  /** @param ms milliseconds */
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms) => pause(ms),
};
