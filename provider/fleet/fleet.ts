/** A resolved fleet: defaults, patterns, templates and CSV files are applied. */
import type { Policy } from "./policy.js";
import type { Amount } from "./amount.js";
import type { TargetedRollout } from "./rollout.js";
import type { FleetProblem } from "./problems.js";
import type { IssueSettings, CaSpec } from "./caSpec.js";
import type { DeviceSpec, JitpSpec, ClaimSpec } from "./deviceSpec.js";

/** A checked fleet with one entry for each device. Ids are unique. */
export interface Fleet {
  /** The CA that issues certificates; absent if every device has a given credential. */
  readonly ca?: CaSpec;
  /** The CA that is to replace it, and signs for all new keys. It always has a name. */
  readonly nextCa?: CaSpec;
  /** Validity and profile of the certificates that the CA issues. */
  readonly certificates: IssueSettings;
  /** In the order of the definition. */
  readonly devices: readonly DeviceSpec[];
  /** JITP devices, in the order of the definition. Their ids differ from those of `devices`. */
  readonly jitp: readonly JitpSpec[];
  /** Devices that are claimed by attestation tokens, in the order of the definition. Their ids differ from all others. */
  readonly claims: readonly ClaimSpec[];
  /** Rules for certificates; absent without any. */
  readonly policy?: Policy;
  /** How many devices one operation may delete or release, of those that the fleet had before; absent: no limit. */
  readonly maxDeletes?: Amount;
  /** The roll-outs of groups in the order of the definition, then that of the fleet. */
  readonly rollouts: readonly TargetedRollout[];
  /** Possible problems; absent without any. */
  readonly remarks?: readonly FleetProblem[];
}
