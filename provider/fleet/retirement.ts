/** The declaration of retired devices. */
import { isRecord, textAt } from "./data.js";
import { readDuration } from "./duration.js";

/** The tag that a retired device gets in nRF Cloud. */
export const RETIRED_TAG = "retired";

/** The default of `keepFor`. */
export const DEFAULT_KEEP_FOR = "30d";

/** Whether a device is retired, and how long a retired device is kept. */
export interface Retirement {
  readonly state?: "active" | "retired";
  /** A duration such as `30d`. */
  readonly keepFor?: string;
}

/** The property of a device's spec, which is absent if no level of settings declares it. */
export function optionalRetirement(retirement: Retirement): { readonly retirement?: Retirement } {
  return retirement.state === undefined && retirement.keepFor === undefined ? {} : { retirement };
}

/** Reads it from one level of settings. The schema has reported invalid values. */
export function readRetirement(value: unknown): Retirement {
  if (!isRecord(value)) return {};
  const state = textAt(value, "state");
  const keepFor = textAt(value, "keepFor");
  return {
    ...((state === "active" || state === "retired") && { state }),
    ...(keepFor !== undefined && readDuration(keepFor) !== undefined && { keepFor }),
  };
}
