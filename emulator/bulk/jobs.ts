import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { setImmediate, setTimeout } from "node:timers/promises";
import type { RowStore } from "../cloud.js";
import type { Hindsight } from "../store/history.js";
import type { Journal } from "../store/journal.js";
import { JournaledMap } from "../store/journaledMap.js";
import { plainCourse, type CourseOfJob } from "./course.js";
import { isFinished, isJob, type Job, type JobEndpoint } from "./job.js";
import { bulkReaders, type BulkRow } from "./rows.js";
import { ulid } from "./ulid.js";
import type { Uploads } from "./uploads.js";

/** The number of rows to process before other requests get their turn. */
const rowsAtOnce = 50;

/** The longest time of a timer: 25 days. */
const longestTimer = 2 ** 31 - 1;

/**
 * The asynchronous bulk requests: PENDING for half of the bulk delay, then IN_PROGRESS for the other half, then
 * SUCCEEDED or FAILED. Rows are applied one by one. A refused row does not stop the others.
 */
export class BulkJobs {
  private readonly jobs: JournaledMap<Job>;
  private readonly running = new Set<Promise<void>>();
  private stopping = stopper();

  constructor(
    private readonly store: RowStore,
    journal: Journal,
    private readonly uploads: Uploads,
    hindsight: Hindsight,
  ) {
    this.jobs = new JournaledMap(journal, "jobs", isJob, hindsight);
  }

  /**
   * Accepts an upload. Throws 42200 if it is not valid; then nothing is started.
   *
   * @param courseOf how the job proceeds; called when the number of its rows is known
   */
  async submit(
    endpoint: JobEndpoint,
    tenantId: string,
    csv: string,
    courseOf: (rowCount: number) => CourseOfJob,
  ): Promise<Job> {
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
    const course = courseOf(rows.length);
    await this.uploads.save(job.id, csv);
    this.put(job);
    this.start(job, rows, course);
    return job;
  }

  /** A job at a time, in epoch milliseconds (default: now). */
  find(id: string, at = Infinity): Job | undefined {
    return this.jobs.getAt(id, at);
  }

  /** All jobs at a time, latest first. */
  latestFirst(at: number): Job[] {
    return [...this.jobs.valuesAt(at)].reverse();
  }

  /** The file a job was made from. */
  upload(job: Job): Promise<string | undefined> {
    return this.uploads.load(job.id);
  }

  /** Restores the contents of the state file, and continues unfinished jobs. */
  async restore(records: Iterable<unknown>): Promise<void> {
    for (const job of [...records].filter(isJob).sort((a, b) => a.requestedAt - b.requestedAt)) {
      this.jobs.restore([[job.id, job]]);
      if (isFinished(job)) continue;
      const csv = await this.uploads.load(job.id);
      if (csv === undefined) this.put({ ...job, status: "FAILED", completedAt: Date.now() });
      else this.start(job, bulkReaders[job.endpoint](csv), plainCourse);
    }
  }

  /** Stops the jobs. They continue after a restart from the same data directory. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
    this.stopping = stopper();
  }

  /** Stops and deletes all jobs. */
  async clear(): Promise<void> {
    await this.stop();
    this.jobs.clear();
    await this.uploads.clear();
  }

  private start(job: Job, rows: readonly BulkRow[], course: CourseOfJob): void {
    const run = this.run(job, rows, course, this.stopping.signal)
      .catch((error: unknown) => {
        if (error instanceof Error && error.name === "AbortError") return;
        process.emitWarning(`bulk job ${job.id} failed inside the emulator: ${String(error)}`);
        this.put({ ...job, status: "FAILED", completedAt: Date.now() });
      })
      .finally(() => this.running.delete(run));
    this.running.add(run);
  }

  private async run(
    accepted: Job,
    rows: readonly BulkRow[],
    course: CourseOfJob,
    signal: AbortSignal,
  ): Promise<void> {
    const halfTime = this.store.settings.bulkDelayMs / 2;
    await setTimeout(halfTime + course.staysPendingForMs, undefined, { signal });
    let job = this.put({ ...accepted, status: "IN_PROGRESS" });
    await setTimeout(Math.min(course.stallsForMs, longestTimer), undefined, { signal });
    const firstRows = firstRowByDevice(rows);
    const end = course.breaksOffBefore ?? rows.length;
    while (job.nextRow < end) {
      const chunk = rows.slice(job.nextRow, Math.min(job.nextRow + rowsAtOnce, end));
      job = this.put(this.apply(chunk, job, firstRows, course));
      await setImmediate(undefined, { signal });
    }
    await setTimeout(halfTime, undefined, { signal });
    const completedAt = Date.now();
    if (course.breaksOffBefore !== undefined) {
      this.put({ ...job, status: "FAILED", errors: [], completedAt });
    } else {
      this.put({ ...job, status: job.errors.length > 0 ? "FAILED" : "SUCCEEDED", completedAt });
    }
  }

  /** Applies the next few rows. Their effects and the job's progress reach the state file in one piece. */
  private apply(
    chunk: readonly BulkRow[],
    job: Job,
    firstRows: ReadonlyMap<string, number>,
    course: CourseOfJob,
  ): Job {
    const errors = [...job.errors];
    for (const [offset, row] of chunk.entries()) {
      const index = job.nextRow + offset;
      const firstRow = firstRows.get(row.deviceId);
      const reason =
        course.refusal(index) ??
        (firstRow === index
          ? row.apply(this.store, job.tenantId)
          : `Duplicate device id ${row.deviceId}: it is already in row [${firstRow ?? 0}] of this file.`);
      if (reason !== undefined) {
        errors.push({ row: index, deviceId: row.isNameable ? row.deviceId : undefined, reason });
      }
    }
    return { ...job, nextRow: job.nextRow + chunk.length, errors };
  }

  private put(job: Job): Job {
    this.jobs.set(job.id, job);
    return job;
  }
}

function firstRowByDevice(rows: readonly BulkRow[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const [index, { deviceId }] of rows.entries()) if (!first.has(deviceId)) first.set(deviceId, index);
  return first;
}

/** Every running job listens to it, and hundreds may run. */
function stopper(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
