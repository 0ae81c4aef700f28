/** How long to wait for nRF Cloud, in milliseconds. */
export interface Deadlines {
  /** For one try of a request. */
  readonly requestMs: number;
  /** For what nRF Cloud has accepted to be seen in its answers. */
  readonly readbackMs: number;
  /** For a bulk job to end. */
  readonly bulkMs: number;
}
