import type { Duration } from "../../provider/fleet/duration.js";
import { parsePolicy } from "../../provider/fleet/policy.js";
import type { StateTable } from "../state/sets.js";
import type { Expiring } from "./expiring.js";

/** The remaining validity that the policies of a state's sets require. */
export interface DemandedRemaining {
  /** The required remaining time by device id; absent if the set of the device requires none. */
  readonly ofDevices: ReadonlyMap<string, Duration>;
  /** The required remaining time of CAs: the longest of all sets; `undefined` if no set requires one. */
  readonly ofCas: Duration | undefined;
}

/** Reads `policy.minRemaining` of the sets. */
export function demandedRemaining(tables: readonly StateTable[]): DemandedRemaining {
  const ofDevices = new Map<string, Duration>();
  let ofCas: Duration | undefined;
  for (const { resource, records } of tables) {
    const line = resource.inputs.policy;
    const read = typeof line === "string" ? parsePolicy(line) : undefined;
    const minRemaining = read?.ok === true ? read.policy.minRemaining : undefined;
    if (minRemaining === undefined) continue;
    for (const id of records.keys()) ofDevices.set(id, minRemaining);
    if (ofCas === undefined || minRemaining.hours > ofCas.hours) ofCas = minRemaining;
  }
  return { ofDevices, ofCas };
}

/** The certificates with less remaining time than required. */
export function belowPolicy(
  known: readonly Expiring[],
  { ofDevices, ofCas }: DemandedRemaining,
  now: Date,
): readonly Expiring[] {
  return known.filter(({ origin, subject, validUntil }) => {
    const demanded = origin === "CA" ? ofCas : ofDevices.get(subject);
    return demanded !== undefined && Date.parse(validUntil) - now.getTime() < demanded.hours * 3_600_000;
  });
}
