// How numbers, times and states read.

/** @param {number} value */
export const number = (value) => value.toLocaleString("en-US");

/**
 * @param {number} count
 * @param {string} one
 */
export const counted = (count, one) => `${number(count)} ${count === 1 ? one : `${one}s`}`;

/**
 * The time of day, by the reader's clock.
 * @param {string} iso
 */
export const time = (iso) => new Date(iso).toLocaleTimeString("en-GB");

/** @param {string} iso */
export const day = (iso) => iso.slice(0, 10);

/** What is done in a bulk job, by the name that nRF Cloud has for it. */
const jobs = {
  ONBOARD_DEVICES: "onboard devices",
  REGISTER_CERTIFICATES: "register certificates",
  REGISTER_PUBLIC_KEYS: "register public keys",
  CREATE_DEVICES: "create devices",
};

/** @param {keyof typeof jobs} endpoint */
export const jobWord = (endpoint) => jobs[endpoint];

/** How far a job is, and whether that is good. */
const statuses = /** @type {const} */ ({
  PENDING: ["pending", "calm"],
  IN_PROGRESS: ["in progress", "calm"],
  SUCCEEDED: ["succeeded", "good"],
  FAILED: ["failed", "bad"],
});

/** @param {keyof typeof statuses} status */
export const statusWord = (status) => statuses[status];

/** What the states of a claim mean to a person. */
const claims = new Map([
  ["issued", "waits for its first connection"],
  ["registering", "is being registered"],
  ["not associated", "waits for a claim"],
  ["associated", "claimed"],
  ["replaced", "has a newer certificate"],
  ["claimed", "claimed, waits to come online"],
  ["onboarded", "claimed and onboarded"],
]);

/** @param {string} state */
export const claimWord = (state) => claims.get(state) ?? state;
