import type { Ending, LogRow, LogStep } from "../../journal/entry.js";

/** The redo log of one table, as a run writes it. */
export interface StepLog {
  /** Returns when the rows are on the disk. Nothing may be sent before. */
  start(step: LogStep, rows: readonly LogRow[]): StartedStep;
}

/** A step that is in the log, and is being carried out. */
export interface StartedStep {
  /** nRF Cloud has accepted a bulk job for it. */
  accepted(jobId: string): void;
  /** How it ended for each row. */
  ended(ending: Ending): void;
}
