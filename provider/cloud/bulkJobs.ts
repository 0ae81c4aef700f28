import { parse } from "csv-parse/sync";
import { poll } from "../engine/poll.js";
import { isBulkJob, isBulkJobPage, type BulkJob, type BulkJobPage } from "./answers.js";
import { readErrorSummary } from "./bulkErrors.js";
import { CloudError, NoAnswerError, NotUnderstoodError, RefusedError } from "./errors.js";
import { allPages } from "./list.js";
import { RUN_AGAIN } from "./remedies.js";
import { path, type Transport } from "./transport.js";

const LOOKS_MS = { first: 100, slowest: 3_000 };
/** What the service's clock may differ from itself by, from one answer to the next. */
const CLOCK_MARGIN_MS = 5 * 60_000;
/** Jobs that are older than this are no longer waited for. */
export const JOBS_MATTER_FOR_MS = 24 * 60 * 60_000;

/** A job that nRF Cloud has accepted. */
export interface AcceptedJob<Job> {
  readonly jobId: string;
  /** The operation that made it. */
  readonly operation: string;
  readonly rows: number;
  /** Asks how it stands. */
  readonly ask: () => Promise<Job>;
  readonly hasEnded: (job: Job) => boolean;
}

/**
 * Waits for the end of a job.
 * @returns the error, and does not throw it, where the end is not known: what was accepted is not sent again while it may be under way
 */
export async function finished<Job extends { readonly status: string }>(
  transport: Transport,
  accepted: AcceptedJob<Job>,
  withinMs: number,
): Promise<Job | CloudError> {
  try {
    return await endOf(transport, accepted, withinMs);
  } catch (error) {
    if (error instanceof CloudError) return error;
    throw error;
  }
}

/** @throws NoAnswerError where it does not end in time */
async function endOf<Job extends { readonly status: string }>(
  transport: Transport,
  accepted: AcceptedJob<Job>,
  withinMs: number,
): Promise<Job> {
  const { jobId, operation, rows, hasEnded: isEnd } = accepted;
  const { kind, seen: job } = await poll({
    read: () => readJob(transport, accepted),
    until: (seen) => seen !== undefined && isEnd(seen),
    everyMs: LOOKS_MS,
    withinMs,
    clock: transport.clock,
  });
  if (kind === "met" && job !== undefined) return job;
  throw new NoAnswerError(
    { operation },
    `job ${transport.words()(jobId)} with ${rows} rows is still ${job?.status ?? "unreadable"} after ` +
      `${Math.round(withinMs / 1000)} s, so this row may not be applied.`,
    "The job may still succeed. Run the same command again in a few minutes: the provider finds and keeps what took effect. For more " +
      "time, set NRF_CLOUD_BULK_TIMEOUT or nrfcloud:bulkTimeout, in seconds.",
    true,
  );
}

/** Asks how a bulk job of the device API stands (FetchBulkOpsRequest). */
export function askForJob(transport: Transport, jobId: string): Promise<BulkJob> {
  return transport.ask(
    { operation: "FetchBulkOpsRequest", method: "GET", path: path("bulk-ops-requests", jobId) },
    isBulkJob,
  );
}

/** Whether a bulk job of the device API has come to its end. */
export function hasEnded(job: { readonly status?: string }): boolean {
  return job.status === "SUCCEEDED" || job.status === "FAILED";
}

/**
 * A job as it is now; `undefined` where nRF Cloud does not show it now. That proves nothing about the job, and to give
 * up on it would lose the keys of all its devices.
 */
async function readJob<Job>(
  transport: Transport,
  { jobId, operation, ask }: Pick<AcceptedJob<Job>, "jobId" | "operation" | "ask">,
): Promise<Job | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof NoAnswerError && !(error instanceof NotUnderstoodError)) return undefined;
    // A job that was accepted a moment ago may not be readable yet.
    const passing =
      error instanceof RefusedError && (error.status >= 500 || [404, 429].includes(error.status));
    if (passing) return undefined;
    if (!(error instanceof NotUnderstoodError || error instanceof RefusedError)) throw error;
    // The job was accepted: that nRF Cloud refuses this read does not prove that it did nothing.
    throw new NoAnswerError(
      { operation },
      `job ${transport.words()(jobId)} was accepted, but the provider can't read it (${error.message})`,
      `The job may still succeed. ${RUN_AGAIN}`,
      true,
    );
  }
}

/** Gives a test of whether an unknown job of such a kind, requested from now on, still runs. */
export function jobsFromNow(transport: Transport, endpoints: readonly string[]): () => Promise<boolean> {
  const since = new Date(transport.serverTime().getTime() - CLOCK_MARGIN_MS);
  return async () => (await unfinishedJobs(transport, since, endpoints)).length > 0;
}

/**
 * Waits until the jobs of earlier runs have ended that may still be under way.
 * @returns the ids of those that have not ended within that time
 */
export async function earlierJobsEnded(transport: Transport, withinMs: number): Promise<readonly string[]> {
  const since = new Date(transport.serverTime().getTime() - JOBS_MATTER_FOR_MS);
  const { seen } = await poll({
    read: () => unfinishedJobs(transport, since, Object.values(ENDPOINTS).flat()),
    until: (left) => left.length === 0,
    everyMs: LOOKS_MS,
    withinMs,
    clock: transport.clock,
  });
  return seen;
}

/** What nRF Cloud calls the jobs of an operation, today and before. */
export const ENDPOINTS = {
  OnboardDevices: ["ONBOARD_DEVICES", "PROVISION_DEVICES"],
  RegisterCertificates: ["REGISTER_CERTIFICATES"],
  RegisterPublicKeys: ["REGISTER_PUBLIC_KEYS"],
} as const;

/** Jobs of the team that have not ended (ListBulkOpsRequests), without those that this process made. */
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

/** A job that onboards devices, as far as it can be known afterwards. */
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
  /** The devices whose rows were refused; `undefined` where that is not known. */
  readonly refused: ReadonlySet<string> | undefined;
  /** Its API neither lists it nor tells when it ended and which rows it had: only the log knows of it. */
  readonly isOfLog?: true;
}

/**
 * The team's jobs that onboard devices and were requested since then, with the rows that they were sent (ListBulkOpsRequests and
 * the files that it names).
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
    // A file that can't be read proves nothing, neither way.
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

/** A job as it is now (FetchBulkOpsRequest), for its times; `undefined` where nRF Cloud does not show it. */
export function jobTimes(transport: Transport, jobId: string): Promise<BulkJob | undefined> {
  return readJob(transport, {
    jobId,
    operation: "FetchBulkOpsRequest",
    ask: () => askForJob(transport, jobId),
  });
}
