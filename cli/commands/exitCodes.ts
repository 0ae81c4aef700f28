/** With `--detailed-exitcode`: there is something to do. 1 is for what failed, 2 for wrong use, 3 for danger. */
export const CHANGES = 4;
/** With `--detailed-exitcode`: there is nothing to do but to wait for devices that have not connected yet. */
export const WAITING = 5;
/** With `expiring --check`: certificates have less time left than the policy wants. */
export const AGAINST_POLICY = 6;
