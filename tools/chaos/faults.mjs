// A random plan of faults for the emulator's admin API.

/**
 * @typedef {{ kind: string, [parameter: string]: unknown }} Fault
 * @typedef {{ operations?: string[], probability: number, times?: number, fault: Fault }} FaultRule
 * @typedef {{ seed: number, rules: FaultRule[] }} FaultPlan
 * @typedef {{ reads: string[], writes: string[] }} Needed  Operations that a fleet needs.
 */

const LISTS = ["ListDevices", "ListClaimedDevices", "ListProvisioningRules"];
const BULK_JOBS = ["OnboardDevices", "RegisterCertificates", "RegisterPublicKeys"];
const TAKEN = ["OnboardDevice", "OnboardDevices", "AssociateDevice", "ClaimDeviceOwnership"];

/** What a fleet needs whatever is in it, and what only some do. */
const ALWAYS = {
  reads: ["FetchAccountInfo", "ListDevices", "FetchDevice", "FetchBulkOpsRequest"],
  writes: [...BULK_JOBS, "OnboardDevice", "UpdateDeviceName", "UpdateDeviceTags", "DeleteDevice"],
};
const JITP = { reads: [], writes: ["CreateDeviceCertificate", "AssociateDevice", "DissociateDevice"] };
const CLAIMS = {
  reads: ["ListClaimedDevices", "FetchClaimedDevice"],
  writes: ["ClaimDeviceOwnership", "UpdateClaimedDeviceTags", "UnclaimDevice"],
};
const RULES = {
  reads: ["ListProvisioningRules"],
  writes: ["CreateProvisioningRule", "DeleteProvisioningRule"],
};

/** Not `listChanges`: fleets this small are listed on one page. */
const kinds = /** @type {const} */ ({
  latency: 2,
  tooManyRequests: 4,
  serverError: 5,
  closeBefore: 4,
  closeAfter: 5,
  truncated: 4,
  notJson: 3,
  jobStalls: 3,
  jobFailsWithoutSummary: 4,
  jobAppliesInPart: 4,
  jobAppliesLate: 4,
  listLags: 4,
  claimedByAnother: 3,
  repeated: 5,
  clockSkew: 1,
});

/**
 * Faults of what a fleet needs.
 * @param {import("./random.mjs").Random} random
 * @param {import("./fleet.mjs").Fleet} fleet
 * @returns {FaultPlan}
 */
export function randomFaults(random, { jitp, claims, rules: provisioning }) {
  const used = [
    ALWAYS,
    ...(jitp.length > 0 ? [JITP] : []),
    ...(claims.length > 0 ? [CLAIMS] : []),
    ...(provisioning.length > 0 ? [RULES] : []),
  ];
  const needed = {
    reads: used.flatMap(({ reads }) => reads),
    writes: used.flatMap(({ writes }) => writes),
  };
  const seed = random.integer(1, 1_000_000);
  const rules = Array.from({ length: random.chance(0.1) ? 1 : random.integer(2, 5) }, () =>
    randomRule(random, random.weighted(kinds), needed),
  );
  return { seed, rules };
}

/**
 * @param {import("./random.mjs").Random} random
 * @param {keyof typeof kinds} kind
 * @param {Needed} needed
 * @returns {FaultRule}
 */
function randomRule(random, kind, needed) {
  // There are far fewer bulk jobs than requests.
  const probability = random.integer(kind.startsWith("job") ? 20 : 2, 40) / 100;
  switch (kind) {
    case "latency": {
      const least = random.integer(10, 150);
      return { probability, fault: { kind, ms: [least, least + random.integer(0, 400)] } };
    }
    case "tooManyRequests":
      return random.chance(0.5)
        ? // Each costs a second.
          { probability, times: random.integer(1, 4), fault: { kind, retryAfterSeconds: 1 } }
        : { ...anywhere(random, needed), probability, fault: { kind } };
    case "serverError": {
      const afterEffect = random.chance(0.5) ? { afterEffect: true } : {};
      return {
        ...anywhere(random, needed),
        probability,
        fault: { kind, status: random.pick([500, 502, 503]), ...afterEffect },
      };
    }
    case "closeBefore":
    case "closeAfter":
    case "truncated":
    case "notJson":
      return { ...anywhere(random, needed), probability, fault: { kind } };
    case "jobStalls":
      // One that never ends keeps a run until somebody ends that.
      return random.chance(0.15)
        ? { operations: BULK_JOBS, probability, times: 1, fault: { kind } }
        : { operations: BULK_JOBS, probability, times: 2, fault: { kind, ms: random.integer(1000, 5000) } };
    case "jobFailsWithoutSummary":
    case "jobAppliesInPart":
      return { operations: BULK_JOBS, probability, fault: { kind, share: random.integer(0, 10) / 10 } };
    case "jobAppliesLate":
      return { operations: BULK_JOBS, probability, fault: { kind, ms: random.integer(500, 5000) } };
    case "listLags":
      return { operations: LISTS, probability, fault: { kind, ms: random.integer(200, 5000) } };
    case "claimedByAnother":
      return { operations: TAKEN, probability, times: random.integer(1, 2), fault: { kind } };
    case "repeated":
      return random.chance(0.5)
        ? { operations: BULK_JOBS, probability: random.integer(30, 100) / 100, fault: { kind } }
        : { operations: needed.writes, probability, fault: { kind } };
    case "clockSkew":
      return { probability, fault: { kind, ms: random.pick([-90_000, -5000, 5000, 90_000, 86_400_000]) } };
  }
}

/**
 * The operations that a fault can hit: all, those of a kind, or a single one.
 * @param {import("./random.mjs").Random} random
 * @param {Needed} needed
 * @returns {{ operations?: string[] }}
 */
function anywhere(random, { reads, writes }) {
  switch (random.weighted({ all: 3, writes: 3, reads: 2, one: 2 })) {
    case "all":
      return {};
    case "writes":
      return { operations: writes };
    case "reads":
      return { operations: reads };
    case "one":
      return { operations: [random.pick([...writes, ...reads])] };
  }
}
