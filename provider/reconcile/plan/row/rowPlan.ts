import type { RowChange } from "../change.js";
import type { RenewedKey } from "../credentials/renewedKey.js";
import * as finding from "../finding.js";
import type { Finding } from "../finding.js";
import type { Step } from "../step.js";

/** The plan of one row. */
export interface RowPlan {
  /** The change that messages report. */
  readonly change: RowChange;
  /** In this order. */
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  /**
   * What the state records afterwards: the declared row, its present record, the row of the journal, a retired row whose device is deleted, or
   * nothing.
   */
  readonly then: "declared" | "as it was" | "logged" | "retired" | "nothing";
  /** The outcome that is recorded if all steps succeed. */
  readonly outcome: "done" | "adopted" | "replaced" | "hidden" | "renewing";
  /** Of a claimed device: the generation that it has, and the order for the next one. */
  readonly key?: RenewedKey["then"] | undefined;
}

export const SAME: RowPlan = {
  change: { kind: "same" },
  steps: [],
  findings: [],
  then: "as it was",
  outcome: "done",
};

/** The API key can't see the device. */
export const HIDDEN: RowPlan = { ...SAME, findings: [finding.keep(finding.HIDDEN)], outcome: "hidden" };

/** Another run is changing the device. */
export const UNDER_WAY: RowPlan = { ...SAME, findings: [finding.keep(finding.UNDER_WAY)] };
