/** A fleet file brought up to date with the account; what did not change keeps every character. */
import type { CloudDevice } from "../../provider/cloud/answers.js";
import { FleetFileError } from "../../provider/fleet/problems.js";
import type { FleetIo } from "../../provider/fleet/sources.js";
import type { AccountView } from "./account.js";
import { addDevices } from "./addDevices.js";
import { changesOfDevices } from "./changes.js";
import { applySplices, SpliceConflict, type Splice } from "./edit/splices.js";
import { isRetired } from "./differences.js";
import { FleetFile } from "./fleetFile.js";
import type { Remark } from "./remarks.js";
import { UnsafeUpdate } from "./unsafeUpdate.js";
import { verify } from "./verify.js";
import { devices, named } from "./words.js";

/** The new text, what is different in it, and what else there is to say. */
export interface Update {
  readonly text: string;
  readonly changes: readonly string[];
  readonly remarks: readonly Remark[];
}

/**
 * Works the differences between a fleet file and the account into the text of the file. Devices that the account doesn't
 * have stay. The result is loaded and compared with what it should be before it is given.
 *
 * @throws FleetFileError for a file that doesn't load; UnsafeUpdate where the result is not what it should be
 */
export function updateFleetFile(file: string, text: string, io: FleetIo, account: AccountView): Update {
  const before = new FleetFile(file, text, io);
  const found = new Map(account.devices.map((device) => [device.id, device]));
  const changed = changesOfDevices(before, found);
  const added = addDevices(before, changed.groups, account);

  const splices = [...changed.splices, ...added.splices];
  const remarks = [...changed.remarks, ...added.remarks, ...absentees(before, found, account.elsewhere)];
  const changes = [...changed.changes, ...added.changes];
  if (splices.length === 0) return { text, changes, remarks };

  const result = apply(text, splices);
  const touched = new Set([...changed.touched, ...added.devices.map(({ deviceId }) => deviceId)]);
  const after = loaded(file, result, io);
  verify(before, after, { found, touched, open: changed.open, added: added.devices });
  return { text: result, changes, remarks };
}

function absentees(
  file: FleetFile,
  found: ReadonlyMap<string, CloudDevice>,
  elsewhere: ReadonlySet<string>,
): Remark[] {
  const specs = [...file.specs("groups"), ...file.specs("jitp")];
  // A retired device may be deleted already, and is not created again.
  const absent = specs
    .filter((spec) => !isRetired(spec))
    .map(({ deviceId }) => deviceId)
    .filter((deviceId) => !found.has(deviceId) && !elsewhere.has(deviceId));
  if (absent.length === 0) return [];
  return [
    {
      kind: "note",
      text: `${devices(absent.length)} of the file not in the account (the API key may not see them, or the next \`pulumi up\` is to bring them): ${named(absent)}.`,
    },
  ];
}

function loaded(file: string, text: string, io: FleetIo): FleetFile {
  try {
    return new FleetFile(file, text, io);
  } catch (error) {
    if (error instanceof FleetFileError) throw new UnsafeUpdate("the changed file would not load");
    throw error;
  }
}

function apply(text: string, splices: readonly Splice[]): string {
  try {
    return applySplices(text, splices);
  } catch (error) {
    if (error instanceof SpliceConflict) throw new UnsafeUpdate(error.message);
    throw error;
  }
}
