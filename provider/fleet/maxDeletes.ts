/** The limit for what one operation may take out of the account. */
import type { DeleteLimit } from "./fleet.js";

/** A limit as it is written, such as 10 or `5%`, or as `limitText` writes it; undefined for anything else. */
export function readMaxDeletes(value: unknown): DeleteLimit | undefined {
  if (typeof value === "string" && /^\d{1,6}$/.test(value)) return { kind: "count", count: Number(value) };
  if (typeof value === "number" && Number.isInteger(value) && value >= 0)
    return { kind: "count", count: value };
  const percent = typeof value === "string" ? /^(\d{1,3})%$/.exec(value)?.[1] : undefined;
  return percent !== undefined && Number(percent) <= 100
    ? { kind: "percent", percent: Number(percent) }
    : undefined;
}

/** How many devices of a fleet of this size may go at once; a share is rounded down. */
export function mostDeletes(limit: DeleteLimit, fleetSize: number): number {
  return limit.kind === "count" ? limit.count : Math.floor((fleetSize * limit.percent) / 100);
}

/** A limit as it is written. */
export function limitText(limit: DeleteLimit): string {
  return limit.kind === "count" ? String(limit.count) : `${limit.percent}%`;
}
