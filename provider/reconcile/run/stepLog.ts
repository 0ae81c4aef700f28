import type { StepOutcomes, LogRow, LogStep } from "../../journal/entry.js";

/** The journal of one table, as a run writes it. */
export interface StepLog {
  /** Writes rows to the disk. A request may be sent only after it returns. */
  start(step: LogStep, rows: readonly LogRow[]): StartedStep;
}

/** A step in the journal that is being carried out. */
export interface StartedStep {
  /** nRF Cloud has accepted a bulk job for it. */
  accepted(jobId: string): void;
  /** How it ended for each row. */
  ended(ending: StepOutcomes): void;
}
