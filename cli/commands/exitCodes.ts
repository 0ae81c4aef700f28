/** With `--detailed-exitcode`: there is something to do. 1 is for what failed, 2 for wrong use, 3 for danger. */
export const CHANGES = 4;
