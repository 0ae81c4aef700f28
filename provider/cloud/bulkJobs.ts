import { parse } from "csv-parse/sync";
import { poll } from "../engine/poll.js";
import { isBulkJob, isBulkJobPage, type BulkJob, type BulkJobPage } from "./answers.js";
import { readErrorSummary } from "./bulkErrors.js";
import { CloudError, NoAnswerError, NotUnderstoodError, RefusedError } from "./errors.js";
import { allPages } from "./list.js";
import { RUN_AGAIN } from "./remedies.js";
import { path, type Transport } from "./transport.js";

const POLL_EVERY_MS = { first: 100, slowest: 3_000 };
/** The service's servers may have slightly different clocks. */
const CLOCK_MARGIN_MS = 5 * 60_000;
/** Older jobs are ignored. */
export const JOBS_MATTER_FOR_MS = 24 * 60 * 60_000;

/** A job that nRF Cloud has accepted. */
export interface AcceptedJob<Job> {
  readonly jobId: string;
  /** The operation that started it. */
  readonly operation: string;
  readonly rows: number;
  /** Reads its present state. */
  readonly ask: () => Promise<Job>;
  readonly hasEnded: (job: Job) => boolean;
}

/**
 * Waits for the end of a job.
 * @returns the error if the end is unknown. It is not thrown, since the rows must not be sent again while the job may be running
 */
export async function endOfJob<Job extends { readonly status: string }>(
  transport: Transport,
  accepted: AcceptedJob<Job>,
  withinMs: number,
): Promise<Job | CloudError> {
  try {
    return await waitForEnd(transport, accepted, withinMs);
  } catch (error) {
    if (error instanceof CloudError) return error;
    throw error;
  }
}

/** @throws NoAnswerError if it does not end in time */
async function waitForEnd<Job extends { readonly status: string }>(
  transport: Transport,
  accepted: AcceptedJob<Job>,
  withinMs: number,
): Promise<Job> {
  const { jobId, operation, rows, hasEnded: isEnd } = accepted;
  const { kind, seen: job } = await poll({
    read: () => readJob(transport, accepted),
    until: (seen) => seen !== undefined && isEnd(seen),
    everyMs: POLL_EVERY_MS,
    withinMs,
    clock: transport.clock,
  });
  if (kind === "met" && job !== undefined) return job;
  throw new NoAnswerError(
    { operation },
    `job ${transport.sanitizer()(jobId)} with ${rows} rows is still ${job?.status ?? "unreadable"} after ` +
      `${Math.round(withinMs / 1000)} s, so this row may not be applied.`,
    "The job may still succeed. Run the same command again in a few minutes: the provider finds and keeps what took effect. For more " +
      "time, set NRF_CLOUD_BULK_TIMEOUT or nrfcloud:bulkTimeout, in seconds.",
    true,
  );
}

/** Reads a bulk job of the device API (FetchBulkOpsRequest). */
export function fetchJob(transport: Transport, jobId: string): Promise<BulkJob> {
  return transport.ask(
    { operation: "FetchBulkOpsRequest", method: "GET", path: path("bulk-ops-requests", jobId) },
    isBulkJob,
  );
}

/** Whether a bulk job of the device API has ended. */
export function hasEnded(job: { readonly status?: string }): boolean {
  return job.status === "SUCCEEDED" || job.status === "FAILED";
}

/**
 * Reads a job; `undefined` if nRF Cloud does not show it now. That proves nothing, and giving up would lose the keys of all its devices.
 */
async function readJob<Job>(
  transport: Transport,
  { jobId, operation, ask }: Pick<AcceptedJob<Job>, "jobId" | "operation" | "ask">,
): Promise<Job | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof NoAnswerError && !(error instanceof NotUnderstoodError)) return undefined;
    // A new job may not be readable yet.
    const isTransient =
      error instanceof RefusedError && (error.status >= 500 || [404, 429].includes(error.status));
    if (isTransient) return undefined;
    if (!(error instanceof NotUnderstoodError || error instanceof RefusedError)) throw error;
    // The job was accepted, and may succeed even if it can't be read.
    throw new NoAnswerError(
      { operation },
      `job ${transport.sanitizer()(jobId)} was accepted, but the provider can't read it (${error.message})`,
      `The job may still succeed. ${RUN_AGAIN}`,
      true,
    );
  }
}

/** Returns a check whether a job of another process, requested from now on, is running. */
export function jobsFromNow(transport: Transport, endpoints: readonly string[]): () => Promise<boolean> {
  const since = new Date(transport.serverTime().getTime() - CLOCK_MARGIN_MS);
  return async () => (await unfinishedJobs(transport, since, endpoints)).length > 0;
}

/**
 * Waits for the end of jobs that earlier runs started.
 * @returns the ids of those that have not ended in time
 */
export async function earlierJobsEnded(transport: Transport, withinMs: number): Promise<readonly string[]> {
  const since = new Date(transport.serverTime().getTime() - JOBS_MATTER_FOR_MS);
  const { seen } = await poll({
    read: () => unfinishedJobs(transport, since, Object.values(ENDPOINTS).flat()),
    until: (left) => left.length === 0,
    everyMs: POLL_EVERY_MS,
    withinMs,
    clock: transport.clock,
  });
  return seen;
}

/** The present and former names of the jobs of each operation. */
export const ENDPOINTS = {
  OnboardDevices: ["ONBOARD_DEVICES", "PROVISION_DEVICES"],
  RegisterCertificates: ["REGISTER_CERTIFICATES"],
  RegisterPublicKeys: ["REGISTER_PUBLIC_KEYS"],
} as const;

/** Running jobs of the team that this process did not start (ListBulkOpsRequests). */
async function unfinishedJobs(
  transport: Transport,
  since: Date,
  endpoints: readonly string[],
): Promise<readonly string[]> {
  const list = { operation: "ListBulkOpsRequests", path: path("bulk-ops-requests"), page: isBulkJobPage };
  const jobs = await allPages(transport, list, { startRequestedAt: since.toISOString() });
  return jobs
    .filter((job) => !hasEnded(job))
    .filter(({ endpoint }) => endpoint === undefined || endpoints.includes(endpoint))
    .map(({ bulkOpsRequestId }) => bulkOpsRequestId)
    .filter((id) => !transport.acceptedJobs.has(id));
}

/** What is known afterwards of a job that onboarded devices. */
export interface JobDetails {
  readonly id: string;
  readonly endpoint: string | undefined;
  /** `SUCCEEDED` and `FAILED` are ends. */
  readonly status: string;
  /** By the service's clock (ISO 8601). */
  readonly requestedAt: string | undefined;
  readonly completedAt: string | undefined;
  /** The credential (PEM) that each device was sent with; `undefined` where the file can't be read. */
  readonly credentials: ReadonlyMap<string, string> | undefined;
  /** The devices whose rows were refused; `undefined` if that is unknown. */
  readonly refused: ReadonlySet<string> | undefined;
  /** The job's API does not list jobs, and does not show their end and rows. Only the journal has them. */
  readonly isOnlyLogged?: true;
}

/**
 * The team's onboarding jobs that were requested since then, with their rows (ListBulkOpsRequests and its files).
 * @param since by the service's clock
 */
export async function onboardingJobsSince(transport: Transport, since: Date): Promise<readonly JobDetails[]> {
  const list = { operation: "ListBulkOpsRequests", path: path("bulk-ops-requests"), page: isBulkJobPage };
  const jobs = await allPages(transport, list, { startRequestedAt: since.toISOString() });
  const endpoints: readonly (string | undefined)[] = ENDPOINTS.OnboardDevices;
  return Promise.all(
    jobs
      .filter(({ endpoint }) => endpoint === undefined || endpoints.includes(endpoint))
      .map(async (job): Promise<JobDetails> => {
        const rows = await uploadedRows(transport, job.uploadedDataUrl);
        return {
          id: job.bulkOpsRequestId,
          endpoint: job.endpoint,
          status: job.status ?? "",
          requestedAt: job.requestedAt,
          completedAt: job.completedAt,
          credentials: rows && new Map(rows.map(([id = "", , , , pem = ""]) => [id, pem])),
          refused: rows && (await refusedRows(transport, job, rows)),
        };
      }),
  );
}

async function uploadedRows(transport: Transport, url: string | undefined): Promise<string[][] | undefined> {
  if (url === undefined) return undefined;
  try {
    const text = await transport.readFile({ operation: "ListBulkOpsRequests" }, url);
    return parse(text, { relax_column_count: true });
  } catch {
    // An unreadable file proves nothing.
    return undefined;
  }
}

async function refusedRows(
  transport: Transport,
  { status, errorSummaryUrl }: BulkJobPage["items"][number],
  rows: readonly string[][],
): Promise<ReadonlySet<string> | undefined> {
  if (status !== "FAILED") return new Set();
  if (errorSummaryUrl === undefined) return undefined;
  try {
    const text = await transport.readFile({ operation: "ListBulkOpsRequests" }, errorSummaryUrl);
    const failed = readErrorSummary(text, rows.length);
    return failed && new Set([...failed.keys()].map((row) => rows[row]?.[0] ?? ""));
  } catch {
    return undefined;
  }
}

/** Reads the times of a job (FetchBulkOpsRequest); `undefined` if nRF Cloud does not show it. */
export function jobTimes(transport: Transport, jobId: string): Promise<BulkJob | undefined> {
  return readJob(transport, {
    jobId,
    operation: "FetchBulkOpsRequest",
    ask: () => fetchJob(transport, jobId),
  });
}
