/** Timeouts in milliseconds. */
export interface Deadlines {
  /** For one try of a request. */
  readonly requestMs: number;
  /** For an accepted change to be visible in answers. */
  readonly readbackMs: number;
  /** For a bulk job to end. */
  readonly bulkMs: number;
}
