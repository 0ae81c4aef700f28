import { isDeepStrictEqual } from "node:util";
import type { CloudDevice } from "../../provider/cloud/answers.js";
import { differencesOf, differs } from "./differences.js";
import type { FleetFile } from "./fleetFile.js";
import type { ExportedDevice } from "./exportedDevice.js";
import { UnsafeUpdate } from "./unsafeUpdate.js";

/** What is known of a change. */
export interface Expected {
  readonly found: ReadonlyMap<string, CloudDevice>;
  readonly touched: ReadonlySet<string>;
  /** Devices of which a difference stays. */
  readonly open: ReadonlySet<string>;
  readonly added: readonly ExportedDevice[];
}

/**
 * Holds a changed file against what it was: what was to change has changed, and nothing else.
 * @throws UnsafeUpdate where that is not so
 */
export function verify(before: FleetFile, after: FleetFile, { found, touched, open, added }: Expected): void {
  const unsafe = (what: string) => new UnsafeUpdate(`the changed file would ${what}`);
  const expected = new Set([...before.knownIds(), ...added.map(({ deviceId }) => deviceId)]);
  if (!isDeepStrictEqual(after.knownIds(), expected)) throw unsafe("not name the same devices");
  for (const key of ["ca", "certificates", "defaults"]) {
    if (!isDeepStrictEqual(before.definition[key], after.definition[key])) throw unsafe(`have other ${key}`);
  }
  const now = meanings(after);
  for (const [id, old] of meanings(before)) {
    // What is changed of a device is its name, tags and sub-type, and nothing else.
    const settled = touched.has(id) ? { name: undefined, tags: undefined, subType: undefined } : {};
    if (!isDeepStrictEqual({ ...old, ...settled }, { ...now.get(id), ...settled }))
      throw unsafe(`mean something else for ${id}`);
  }
  for (const spec of [...after.specs("groups"), ...after.specs("jitp")]) {
    const device = found.get(spec.deviceId);
    if (device === undefined || open.has(spec.deviceId)) continue;
    if (differs(differencesOf(spec, device)))
      throw unsafe(`not say of ${spec.deviceId} what the account says`);
  }
}

/** What a file says of each device, without where it says so. */
function meanings({ fleet }: FleetFile): ReadonlyMap<string, object> {
  const { devices, jitp, claims } = fleet;
  const nowhere = { source: undefined };
  return new Map<string, object>([
    ...[...devices, ...jitp].map((spec) => [spec.deviceId, { ...spec, ...nowhere }] as const),
    ...claims.map((spec) => [spec.uuid, { ...spec, ...nowhere }] as const),
  ]);
}
