import { setTimeout as sleep } from "node:timers/promises";
import type { SharedPoll } from "../engine/sharedPoll.js";

/** Time between two looks where lists run ahead. */
const AGAIN_MS = 400;

/** Something that nRF Cloud has accepted to remove. */
export interface Leaving<Seen> {
  readonly key: string;
  /** Sees it by lists, together with others. */
  readonly watch: SharedPoll<Seen>;
  /** Its own answer: `undefined` once it is gone. */
  readonly fetch: () => Promise<unknown>;
  readonly withinMs: number;
  /** The error where it takes longer. */
  readonly late: () => Error;
}

/**
 * Waits until something is gone. Lists may run ahead or lag behind, so its own answer has the last word: an id is only
 * free again once that is 404.
 */
export async function untilGone<Seen>({ key, watch, fetch, withinMs, late }: Leaving<Seen>): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    await watch.wait(key, (seen) => seen === undefined, deadline - Date.now(), late);
    if ((await fetch()) === undefined) return;
    if (Date.now() >= deadline) throw late();
    await sleep(AGAIN_MS);
  }
}
