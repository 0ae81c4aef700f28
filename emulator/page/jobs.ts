import type { BulkJobs } from "../bulk/jobs.js";
import type { BulkStatus, Job, JobEndpoint } from "../bulk/job.js";
import type { View } from "./view.js";

/** A bulk job as the page shows it. */
export interface ShownJob {
  readonly id: string;
  readonly endpoint: JobEndpoint;
  readonly status: BulkStatus;
  /** ISO 8601. */
  readonly requestedAt: string;
  /** The number of processed rows. */
  readonly rows: number;
  /** The number of refused rows. */
  readonly refused: number;
  /** The reasons of the first refused rows. */
  readonly reasons: readonly string[];
}

const jobsShown = 20;
const reasonsShown = 3;

/** The latest bulk jobs of a team, the last one first. */
export function shownJobs(jobs: BulkJobs, view: View) {
  const ours = jobs.latestFirst(Infinity).filter(({ tenantId }) => tenantId === view.tenantId);
  return { all: ours.length, items: ours.slice(0, jobsShown).map(shownJob) };
}

function shownJob({ id, endpoint, status, requestedAt, nextRow, errors }: Job): ShownJob {
  return {
    id,
    endpoint,
    status,
    requestedAt: new Date(requestedAt).toISOString(),
    rows: nextRow,
    refused: errors.length,
    // A row without a valid device id may have a token or a key instead, and the reason repeats it.
    reasons: errors
      .filter(({ deviceId }) => deviceId !== undefined)
      .slice(0, reasonsShown)
      .map(({ row, reason }) => `row ${row}: ${reason}`),
  };
}
