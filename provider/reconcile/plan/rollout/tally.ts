import { resolveAmount } from "../../../fleet/amount.js";
import type { Rollout } from "../../../fleet/rollout.js";

export interface Tally {
  readonly tried: number;
  readonly failed: number;
}

/**
 * Whether too many rows have failed. A share counts the rows that were tried so far, so that failures of the first rows can stop the roll-out.
 */
export function mustStop({ stopAfter }: Rollout, { tried, failed }: Tally): boolean {
  return failed > resolveAmount(stopAfter, tried);
}
