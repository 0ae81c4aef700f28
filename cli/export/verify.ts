import { isDeepStrictEqual } from "node:util";
import type { CloudDevice } from "../../provider/cloud/answers.js";
import { differencesOf, differs } from "./differences.js";
import type { FleetFile } from "./fleetFile.js";
import type { ExportedDevice } from "./exportedDevice.js";
import { UnsafeUpdate } from "./unsafeUpdate.js";

/** The intended changes of a file. */
export interface Expected {
  readonly found: ReadonlyMap<string, CloudDevice>;
  readonly touched: ReadonlySet<string>;
  /** Devices that keep a difference. */
  readonly open: ReadonlySet<string>;
  readonly added: readonly ExportedDevice[];
}

/**
 * Compares a changed file with the original: the intended changes are made, and nothing else changed.
 * @throws UnsafeUpdate otherwise
 */
export function verify(before: FleetFile, after: FleetFile, { found, touched, open, added }: Expected): void {
  const unsafe = (what: string) => new UnsafeUpdate(`the changed file would ${what}`);
  const expected = new Set([...before.knownIds(), ...added.map(({ deviceId }) => deviceId)]);
  if (!isDeepStrictEqual(after.knownIds(), expected)) throw unsafe("declare other devices");
  for (const key of ["ca", "certificates", "defaults"]) {
    if (!isDeepStrictEqual(before.definition[key], after.definition[key])) throw unsafe(`change ${key}`);
  }
  const now = meanings(after);
  for (const [id, old] of meanings(before)) {
    // An update changes the name, tags and sub-type of a device, and nothing else.
    const settled = touched.has(id) ? { name: undefined, tags: undefined, subType: undefined } : {};
    if (!isDeepStrictEqual({ ...old, ...settled }, { ...now.get(id), ...settled }))
      throw unsafe(`change other settings of ${id}`);
  }
  for (const spec of [...after.specs("groups"), ...after.specs("jitp")]) {
    const device = found.get(spec.deviceId);
    if (device === undefined || open.has(spec.deviceId)) continue;
    if (differs(differencesOf(spec, device)))
      throw unsafe(`still differ from the account for ${spec.deviceId}`);
  }
}

/** What a file declares of each device, without the place in the file. */
function meanings({ fleet }: FleetFile): ReadonlyMap<string, object> {
  const { devices, jitp, claims } = fleet;
  const nowhere = { source: undefined };
  return new Map<string, object>([
    ...[...devices, ...jitp].map((spec) => [spec.deviceId, { ...spec, ...nowhere }] as const),
    ...claims.map((spec) => [spec.uuid, { ...spec, ...nowhere }] as const),
  ]);
}
