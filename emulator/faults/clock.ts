import { isRecord } from "../http/json.js";

/** The service's clock is wrong in this one answer. */
export interface ClockFault {
  readonly kind: "clockSkew";
  /** Milliseconds; below 0 the clock is behind. */
  readonly ms: number;
}

/** The fields with a time in ISO 8601. */
const times = new Set(["createdAt", "updatedAt", "requestedAt", "completedAt", "claimedAt"]);

/** What users put into a device's state is theirs, whatever it is called. */
const usersOwn = new Set(["desired", "reported", "delta"]);

/** The `Date` header of an answer whose clock is off. */
export const skewedDate = (ms: number) => new Date(Date.now() + ms).toUTCString();

/** An answer's JSON with every time in it off by so much. */
export function skewed(value: unknown, ms: number): unknown {
  if (Array.isArray(value)) return value.map((item) => skewed(item, ms));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => {
    if (name === "metadata") return [name, skewedMetadata(inner, ms)];
    if (usersOwn.has(name)) return [name, inner];
    if (times.has(name) && typeof inner === "string") return [name, skewedTime(inner, ms)];
    return [name, skewed(inner, ms)];
  });
  return Object.fromEntries(entries);
}

function skewedTime(text: string, ms: number): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : new Date(time + ms).toISOString();
}

/** A shadow's metadata: epoch seconds in place of every value. */
function skewedMetadata(value: unknown, ms: number): unknown {
  if (Array.isArray(value)) return value.map((item) => skewedMetadata(item, ms));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] =>
    name === "timestamp" && typeof inner === "number"
      ? [name, Math.floor(inner + ms / 1000)]
      : [name, skewedMetadata(inner, ms)],
  );
  return Object.fromEntries(entries);
}
