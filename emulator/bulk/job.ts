import { isRecord, isText } from "../http/json.js";

export const bulkStatuses = ["PENDING", "IN_PROGRESS", "FAILED", "SUCCEEDED"] as const;
export type BulkStatus = (typeof bulkStatuses)[number];

export const bulkEndpoints = ["ONBOARD_DEVICES", "REGISTER_CERTIFICATES", "REGISTER_PUBLIC_KEYS"] as const;
export type BulkEndpoint = (typeof bulkEndpoints)[number];

/** An asynchronous request for many rows. Records are replaced, not changed. */
export interface Job {
  /** A ULID. */
  readonly id: string;
  readonly tenantId: string;
  readonly endpoint: BulkEndpoint;
  readonly status: BulkStatus;
  /** Epoch milliseconds. */
  readonly requestedAt: number;
  readonly completedAt: number | undefined;
  /** Makes the addresses of the job's files unguessable. */
  readonly fileSecret: string;
  /** Rows before this one (counted from 0) have been dealt with. */
  readonly nextRow: number;
  /** `[row]: reason`, in the order of rows. */
  readonly errors: readonly string[];
}

export const isFinished = ({ status }: Job) => status === "FAILED" || status === "SUCCEEDED";

/** Whether a value read from the state file is a job. */
export const isJob = (value: unknown): value is Job =>
  isRecord(value) &&
  isText(value.id) &&
  isText(value.tenantId) &&
  bulkEndpoints.some((endpoint) => endpoint === value.endpoint) &&
  bulkStatuses.some((status) => status === value.status) &&
  typeof value.requestedAt === "number" &&
  (value.completedAt === undefined || typeof value.completedAt === "number") &&
  isText(value.fileSecret) &&
  typeof value.nextRow === "number" &&
  Array.isArray(value.errors) &&
  value.errors.every((error) => typeof error === "string");
