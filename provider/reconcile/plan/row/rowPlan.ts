import type { RowChange } from "../change.js";
import type { RenewedKey } from "../credentials/renewedKey.js";
import type { Finding } from "../finding.js";
import type { Step } from "../step.js";

/** What is to become of one row. */
export interface RowPlan {
  /** The change, as people see it. */
  readonly change: RowChange;
  /** What is to be done, in this order. */
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  /**
   * What the state has of the row afterwards: the declared row, what it had, what the log has, that it is retired and gone, or nothing.
   */
  readonly then: "declared" | "as it was" | "logged" | "retired" | "nothing";
  /** How it is recorded when all went well. */
  readonly outcome: "done" | "adopted" | "replaced" | "hidden" | "renewing";
  /** Of a claimed device: which key it has, and which it is ordered to make. */
  readonly key?: RenewedKey["then"] | undefined;
}

export const SAME: RowPlan = {
  change: { kind: "same" },
  steps: [],
  findings: [],
  then: "as it was",
  outcome: "done",
};
