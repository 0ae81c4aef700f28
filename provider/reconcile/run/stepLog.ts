import type { UnfinishedStep } from "../plan/situation.js";

/** What is written down of a row before something is done to it: all that is needed to do the same again. */
export interface LoggedRow {
  readonly id: string;
  /** The row as it is declared (`formatRow`). */
  readonly line: string;
  readonly fingerprint?: string | undefined;
  readonly certificate?: string | undefined;
  /** Secret. */
  readonly privateKey?: string | undefined;
}

/** The redo log of one table, as a run writes it. */
export interface StepLog {
  /** Returns when it is on the disk. Nothing may be sent before. */
  start(step: UnfinishedStep, rows: readonly LoggedRow[]): StartedStep;
}

/** A step that was written down, and is now carried out. */
export interface StartedStep {
  /** nRF Cloud has accepted a bulk job for it. */
  accepted(jobId: string): void;
  /** How it ended for each row. `unsettled`: it may have taken effect, or may yet. */
  ended(outcomes: EndedRows): void;
}

export interface EndedRows {
  readonly done: readonly string[];
  readonly refused: readonly string[];
  readonly unsettled: readonly string[];
}
