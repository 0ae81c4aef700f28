// Seeds of runs that are made again and again: a few with every `npm test`, and with every campaign those that once failed.

/** Short runs that between them have every kind of trouble. @type {readonly { seed: number, has: string }[]} */
export const SHORT_SEEDS = [
  { seed: 216, has: "bulk requests that arrive twice" },
  { seed: 173, has: "a torn journal after an interrupt" },
  { seed: 222, has: "a lost journal after kills" },
  { seed: 125, has: "a state that is rolled back after a kill" },
  { seed: 145, has: "a device that somebody else onboards anew after a kill" },
  { seed: 11, has: "a second stack before two kills" },
  { seed: 36, has: "just-in-time devices, claims and a second stack after a kill" },
  { seed: 370, has: "a destroy after a kill, foreign devices and a second stack" },
];

/** Runs that failed once, so that what they found stays mended. @type {readonly { seed: number, found: string }[]} */
export const KNOWN_SEEDS = [
  {
    seed: 4,
    found: "certificates that nRF Cloud issued are dropped where their devices do not connect in time",
  },
  { seed: 5, found: "devices that an earlier job of the same run brought are taken for somebody else's" },
  { seed: 6, found: "a failure while the campaign was built" },
  { seed: 14, found: "a destroy after an interrupted run forgets devices that the journal alone knows" },
  {
    seed: 11,
    found:
      "a provisioning rule of a killed run hides in a preview what the set has to say; it must be deleted by hand",
  },
  { seed: 150, found: "a device that an interrupted run created is forgotten where its deletion fails" },
  {
    seed: 184,
    found:
      "a device is taken for somebody else's where a request arrived twice and its second job refused it",
  },
  { seed: 239, found: "a rule that an interrupted replacement deleted is taken for present" },
];

/**
 * What the plans of the first seeds amount to. A test compares it: where it differs, plans are made in another way, and the seeds
 * above must be found anew.
 */
export const PLANS_DIGEST = "be6874079818a0c9";
