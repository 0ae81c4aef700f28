import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { mersenne } from "pure-rand/generator/mersenne";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import type { OperationId } from "../http/operationIds.js";
import type { Hindsight } from "../store/history.js";
import {
  noFaults,
  type Fault,
  type FaultKind,
  type FaultOf,
  type FaultPlan,
  type FaultRule,
} from "./fault.js";
import { operationsOf } from "./plan.js";

/** A fault that happens now. */
export interface Drawn<Kind extends FaultKind> {
  readonly fault: FaultOf<Kind>;
  /** For other random properties of the fault. */
  readonly random: RandomGenerator;
}

interface RuleInForce {
  readonly rule: FaultRule;
  readonly operations: ReadonlySet<OperationId>;
  readonly random: RandomGenerator;
  considered: number;
  fired: number;
}

/** The faults at present. Each rule has its own generator, so that it does not affect the other rules. */
export class Faults {
  private seed = noFaults.seed;
  private rules: readonly RuleInForce[] = [];
  private setAt = 0;

  constructor(private readonly hindsight: Hindsight) {}

  /** Replaces the plan. Counts start at 0, and the random generators at their seeds. */
  set(plan: FaultPlan): void {
    this.seed = plan.seed;
    this.rules = plan.rules.map((rule, index) => ({
      rule,
      operations: new Set(rule.operations ?? operationsOf(rule.fault)),
      random: mersenne((plan.seed + Math.imul(index + 1, 0x9e3779b9)) | 0),
      considered: 0,
      fired: 0,
    }));
    const lags = plan.rules.map(({ fault }) => (fault.kind === "listLags" ? fault.ms : 0));
    this.hindsight.ms = Math.max(0, ...lags);
    this.setAt = Date.now();
    // Later writes must have a later time, not the same millisecond.
    if (this.hindsight.ms > 0) while (Date.now() === this.setAt);
  }

  clear(): void {
    this.set(noFaults);
  }

  get areNone(): boolean {
    return this.rules.length === 0;
  }

  /** Whether any rule has such a fault. A cheap check before the expensive one. */
  has(kind: FaultKind): boolean {
    return this.rules.some(({ rule }) => rule.fault.kind === kind);
  }

  /** The time from which the history is complete, in epoch milliseconds. */
  get pastIsKnownSince(): number {
    return this.setAt;
  }

  /**
   * Draws one of these faults for an operation: the first in the order of the plan that the random generator selects. Later ones are
   * not considered. Call it only if the fault can happen, because each call counts.
   */
  draw<Kind extends FaultKind>(operation: OperationId, kinds: readonly Kind[]): Drawn<Kind> | undefined {
    for (const inForce of this.rules) {
      const { rule, operations, random } = inForce;
      const { fault, probability, times = Infinity } = rule;
      if (!isOf(kinds, fault) || !operations.has(operation) || inForce.fired >= times) continue;
      inForce.considered += 1;
      if (uniformFloat64(random) >= probability) continue;
      inForce.fired += 1;
      return { fault, random };
    }
    return undefined;
  }

  /** The plan, with how often each rule was considered and how often its fault happened. */
  view() {
    return {
      seed: this.seed,
      rules: this.rules.map(({ rule, considered, fired }) => ({ ...rule, considered, fired })),
    };
  }
}

const isOf = <Kind extends FaultKind>(kinds: readonly Kind[], fault: Fault): fault is FaultOf<Kind> =>
  kinds.some((kind) => kind === fault.kind);
