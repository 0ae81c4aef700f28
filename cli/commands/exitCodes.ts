/** With `--detailed-exitcode`: there is something to do. 1 is for what failed, 2 for wrong use, 3 for danger. */
export const CHANGES = 4;
/** With `--detailed-exitcode`: there is nothing to do but to wait for devices that have not connected yet. */
export const WAITING = 5;
