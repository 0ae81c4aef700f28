/** Retired devices: what a fleet says of them, and what nRF Cloud shows. */
import { isRecord, textAt } from "./data.js";
import { readDuration } from "./duration.js";

/** The tag of a retired device. */
export const RETIRED_TAG = "retired";

/** How long a retired device is kept where nothing is said. */
export const DEFAULT_KEEP_FOR = "30d";

/** Whether a device is in use, and for how long it is kept when it is not. */
export interface Standing {
  readonly state?: "active" | "retired";
  /** A time such as `30d`. */
  readonly keepFor?: string;
}

/** What a device says of it, by the settings of all its levels. */
export function said(standing: Standing): { readonly standing?: Standing } {
  return standing.state === undefined && standing.keepFor === undefined ? {} : { standing };
}

/** Reads what one level says. The schema has reported what is wrong. */
export function readStanding(value: unknown): Standing {
  if (!isRecord(value)) return {};
  const state = textAt(value, "state");
  const keepFor = textAt(value, "keepFor");
  return {
    ...((state === "active" || state === "retired") && { state }),
    ...(keepFor !== undefined && readDuration(keepFor) !== undefined && { keepFor }),
  };
}
