// Seeds of runs that once failed. They run with every `npm test`, so that what they found stays mended.

/** @type {readonly { seed: number, found: string }[]} */
export const KNOWN_SEEDS = [];
