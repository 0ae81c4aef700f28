import { isRecord, isText } from "../http/json.js";

export const bulkStatuses = ["PENDING", "IN_PROGRESS", "FAILED", "SUCCEEDED"] as const;
export type BulkStatus = (typeof bulkStatuses)[number];

export const bulkEndpoints = ["ONBOARD_DEVICES", "REGISTER_CERTIFICATES", "REGISTER_PUBLIC_KEYS"] as const;
export type BulkEndpoint = (typeof bulkEndpoints)[number];

/** What a job does: one of those that the list of bulk requests shows, or the creation of devices by an organization. */
export type JobEndpoint = BulkEndpoint | "CREATE_DEVICES";

/** Why a row was not applied. */
export interface RowError {
  /** Counted from 0. */
  readonly row: number;
  /** Undefined if the row's device id is not valid. */
  readonly deviceId: string | undefined;
  readonly reason: string;
}

/** An asynchronous request for many rows. Records are replaced, not changed. */
export interface Job {
  /** A ULID. */
  readonly id: string;
  readonly tenantId: string;
  readonly endpoint: JobEndpoint;
  readonly status: BulkStatus;
  /** Epoch milliseconds. */
  readonly requestedAt: number;
  readonly completedAt: number | undefined;
  /** Makes the addresses of the job's files unguessable. */
  readonly fileSecret: string;
  /** The next row to process, counted from 0. */
  readonly nextRow: number;
  /** In the order of rows. */
  readonly errors: readonly RowError[];
}

/** A job of the device API, which has no part in what organizations do. */
export type BulkOpsRequest = Job & { readonly endpoint: BulkEndpoint };

export const isBulkOpsRequest = (job: Job): job is BulkOpsRequest => job.endpoint !== "CREATE_DEVICES";

export const isFinished = ({ status }: Job) => status === "FAILED" || status === "SUCCEEDED";

/** Whether a value read from the state file is a job. */
export const isJob = (value: unknown): value is Job =>
  isRecord(value) &&
  isText(value.id) &&
  isText(value.tenantId) &&
  [...bulkEndpoints, "CREATE_DEVICES"].some((endpoint) => endpoint === value.endpoint) &&
  bulkStatuses.some((status) => status === value.status) &&
  typeof value.requestedAt === "number" &&
  (value.completedAt === undefined || typeof value.completedAt === "number") &&
  isText(value.fileSecret) &&
  typeof value.nextRow === "number" &&
  Array.isArray(value.errors) &&
  value.errors.every(isRowError);

const isRowError = (value: unknown): value is RowError =>
  isRecord(value) &&
  typeof value.row === "number" &&
  (value.deviceId === undefined || isText(value.deviceId)) &&
  isText(value.reason);
