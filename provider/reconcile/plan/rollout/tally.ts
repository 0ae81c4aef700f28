import { resolveAmount } from "../../../fleet/amount.js";
import type { Rollout } from "../../../fleet/rollout.js";

/** How far a roll-out is. */
export interface Tally {
  readonly tried: number;
  readonly failed: number;
}

/** Whether so many have failed that the run ends. A share is one of those that were tried so far, so that a few first rows count too. */
export function mustStop({ stopAfter }: Rollout, { tried, failed }: Tally): boolean {
  return failed > resolveAmount(stopAfter, tried);
}
