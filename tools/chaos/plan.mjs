// The plan of one run. The same seed gives the same plan.

import { randomFaults } from "./faults.mjs";
import { randomFleet } from "./fleet.mjs";
import { randomOperations } from "./operations.mjs";
import { Random } from "./random.mjs";
import { randomTroubles } from "./troubles.mjs";

/**
 * @typedef {object} Plan
 * @property {number} seed
 * @property {string} apiKey
 * @property {string} passphrase
 * @property {{ consistencyDelayMs: number, bulkDelayMs: number }} delays  Of the emulator.
 * @property {import("./fleet.mjs").Resident[]} residents  In the account before, to be adopted.
 * @property {import("./fleet.mjs").Resident[]} bystanders  In the account before, and nobody's business.
 * @property {import("./faults.mjs").FaultPlan} faults
 * @property {import("./operations.mjs").Operation[]} operations
 * @property {import("./troubles.mjs").PlannedTrouble[]} troubles
 * @property {import("./fleet.mjs").Fleet} declared  The fleet that must be there in the end.
 */

/**
 * @param {number} seed
 * @returns {Plan}
 */
export function planOf(seed) {
  const random = new Random(seed);
  const apiKey = `key-${random.hex(32)}`;
  const passphrase = `passphrase-${random.hex(16)}`;
  const delays = { consistencyDelayMs: random.integer(0, 300), bulkDelayMs: random.integer(0, 500) };
  const { fleet, residents, bystanders } = randomFleet(random);
  const faults = randomFaults(random, fleet);
  const { operations, declared } = randomOperations(random, fleet);
  const troubles = randomTroubles(random, operations, declared);
  return { seed, apiKey, passphrase, delays, residents, bystanders, faults, operations, troubles, declared };
}

/**
 * Every fleet that is declared at some time.
 * @param {Plan} plan
 */
export function everyFleet({ operations, declared }) {
  return [...operations.map((operation) => operation.declared), declared];
}
