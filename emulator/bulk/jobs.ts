import { randomBytes } from "node:crypto";
import { setImmediate, setTimeout } from "node:timers/promises";
import type { DeviceStore } from "../cloud.js";
import type { Journal } from "../store/journal.js";
import { isFinished, isJob, type BulkEndpoint, type Job } from "./job.js";
import { bulkReaders, type BulkRow } from "./rows.js";
import { ulid } from "./ulid.js";
import type { Uploads } from "./uploads.js";

/** Rows dealt with before other requests get their turn. */
const rowsAtOnce = 50;

/**
 * The asynchronous bulk requests: PENDING for half of the bulk delay, then IN_PROGRESS while the rows are applied one by
 * one (those that are refused do not stop the others) and the other half goes by, then SUCCEEDED or FAILED.
 */
export class BulkJobs {
  private readonly jobs = new Map<string, Job>();
  private readonly running = new Set<Promise<void>>();
  private stopping = new AbortController();

  constructor(
    private readonly store: DeviceStore,
    private readonly journal: Journal,
    private readonly uploads: Uploads,
  ) {}

  /** Accepts an upload. Throws 42200 if it is not valid; then nothing is started. */
  async submit(endpoint: BulkEndpoint, tenantId: string, csv: string): Promise<Job> {
    const rows = bulkReaders[endpoint](csv);
    const requestedAt = Date.now();
    const job: Job = {
      id: ulid(requestedAt),
      tenantId,
      endpoint,
      status: "PENDING",
      requestedAt,
      completedAt: undefined,
      fileSecret: randomBytes(16).toString("hex"),
      nextRow: 0,
      errors: [],
    };
    await this.uploads.save(job.id, csv);
    this.put(job);
    this.start(job, rows);
    return job;
  }

  find(id: string): Job | undefined {
    return this.jobs.get(id);
  }

  /** All jobs, latest first. */
  latestFirst(): Job[] {
    return [...this.jobs.values()].reverse();
  }

  /** The file a job was made from. */
  upload(job: Job): Promise<string | undefined> {
    return this.uploads.load(job.id);
  }

  /** Takes in what the state file holds and continues the jobs that were under way. */
  async restore(records: Iterable<unknown>): Promise<void> {
    for (const job of [...records].filter(isJob).sort((a, b) => a.requestedAt - b.requestedAt)) {
      this.jobs.set(job.id, job);
      if (isFinished(job)) continue;
      const csv = await this.uploads.load(job.id);
      if (csv === undefined) this.put({ ...job, status: "FAILED", completedAt: Date.now() });
      else this.start(job, bulkReaders[job.endpoint](csv));
    }
  }

  /** Stops where the jobs are; they continue after a restart from the same data directory. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
    this.stopping = new AbortController();
  }

  /** Stops and forgets all jobs. */
  async clear(): Promise<void> {
    await this.stop();
    for (const id of this.jobs.keys()) this.journal.record("jobs", id, undefined);
    this.jobs.clear();
    await this.uploads.clear();
  }

  private start(job: Job, rows: readonly BulkRow[]): void {
    const run = this.run(job, rows, this.stopping.signal)
      .catch((error: unknown) => {
        if (error instanceof Error && error.name === "AbortError") return;
        process.emitWarning(`bulk job ${job.id} failed inside the emulator: ${String(error)}`);
        this.put({ ...job, status: "FAILED", completedAt: Date.now() });
      })
      .finally(() => this.running.delete(run));
    this.running.add(run);
  }

  private async run(accepted: Job, rows: readonly BulkRow[], signal: AbortSignal): Promise<void> {
    const halfTime = this.store.settings.bulkDelayMs / 2;
    await setTimeout(halfTime, undefined, { signal });
    let job = this.put({ ...accepted, status: "IN_PROGRESS" });
    const firstRows = firstRowByDevice(rows);
    while (job.nextRow < rows.length) {
      job = this.put(this.applySome(job, rows, firstRows));
      await setImmediate(undefined, { signal });
    }
    await setTimeout(halfTime, undefined, { signal });
    this.put({ ...job, status: job.errors.length > 0 ? "FAILED" : "SUCCEEDED", completedAt: Date.now() });
  }

  /** Applies the next few rows. Their effects and the job's progress reach the state file in one piece. */
  private applySome(job: Job, rows: readonly BulkRow[], firstRows: ReadonlyMap<string, number>): Job {
    const errors = [...job.errors];
    const chunk = rows.slice(job.nextRow, job.nextRow + rowsAtOnce);
    for (const [offset, row] of chunk.entries()) {
      const index = job.nextRow + offset;
      const firstRow = firstRows.get(row.deviceId);
      const reason =
        firstRow === index
          ? row.apply(this.store, job.tenantId)?.message
          : `Duplicate device id ${row.deviceId}: it is already in row [${firstRow ?? 0}] of this file.`;
      if (reason !== undefined) errors.push(`[${index}]: ${reason}`);
    }
    return { ...job, nextRow: job.nextRow + chunk.length, errors };
  }

  private put(job: Job): Job {
    this.jobs.set(job.id, job);
    this.journal.record("jobs", job.id, job);
    return job;
  }
}

function firstRowByDevice(rows: readonly BulkRow[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const [index, { deviceId }] of rows.entries()) if (!first.has(deviceId)) first.set(deviceId, index);
  return first;
}
