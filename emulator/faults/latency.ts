import { uniformInt } from "pure-rand/distribution/uniformInt";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/** The request waits before it is handled. */
export interface LatencyFault {
  readonly kind: "latency";
  /** Milliseconds: a number, or the least and the greatest of a random one. */
  readonly ms: number | readonly [number, number];
}

/** How long a request waits, in milliseconds. */
export function latencyOf({ ms }: LatencyFault, random: RandomGenerator): number {
  return typeof ms === "number" ? ms : uniformInt(random, ms[0], ms[1]);
}
