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
  /** Rows that were dealt with so far. */
  readonly rows: number;
  /** How many of them were refused. */
  readonly refused: number;
  /** Why: of the first rows. */
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
    // A row without a device id that is valid may have a token or a key in its place, which its reason repeats.
    reasons: errors
      .filter(({ deviceId }) => deviceId !== undefined)
      .slice(0, reasonsShown)
      .map(({ row, reason }) => `row ${row}: ${reason}`),
  };
}
