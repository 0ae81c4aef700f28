import type { OperationId } from "../http/operationIds.js";
import type { AnswerFault } from "./answers.js";
import type { ClaimFault } from "./claimedByAnother.js";
import type { ClockFault } from "./clock.js";
import type { JobFault } from "./jobs.js";
import type { LatencyFault } from "./latency.js";
import type { ListFault } from "./lists.js";
import type { RepeatFault } from "./repeated.js";

/** A fault that the emulator produces on purpose. */
export type Fault = LatencyFault | AnswerFault | ClockFault | JobFault | ListFault | ClaimFault | RepeatFault;

export type FaultKind = Fault["kind"];

export type FaultOf<Kind extends FaultKind> = Extract<Fault, { readonly kind: Kind }>;

/** When a fault happens. */
export interface FaultRule {
  /** Absent: every operation that can have this fault. */
  readonly operations?: readonly OperationId[] | undefined;
  /** From 0 (never) to 1 (always). */
  readonly probability: number;
  /** How often it happens at most; absent: no limit. */
  readonly times?: number | undefined;
  readonly fault: Fault;
}

/** The faults of an emulator, set at its start or by the admin API. */
export interface FaultPlan {
  /** A whole number of 32 bits: the same plan and the same order of requests give the same faults. */
  readonly seed: number;
  readonly rules: readonly FaultRule[];
}

export const noFaults: FaultPlan = { seed: 0, rules: [] };
