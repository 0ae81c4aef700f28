/** Updates a fleet file from the account. Unchanged parts keep every character. */
import type { CloudDevice } from "../../provider/cloud/answers.js";
import { FleetFileError } from "../../provider/fleet/problems.js";
import type { FleetIo } from "../../provider/fleet/sources/io.js";
import type { AccountView } from "./account.js";
import { addDevices } from "./addDevices.js";
import { changesOfDevices } from "./changes.js";
import { applySplices, SpliceConflict, type Splice } from "./edit/splices.js";
import { isRetired } from "./differences.js";
import { FleetFile } from "./fleetFile.js";
import type { Remark } from "./remarks.js";
import { UnsafeUpdate } from "./unsafeUpdate.js";
import { verify } from "./verify.js";
import { deviceCount, idList } from "./words.js";

/** The new text, its changes as text for people, and remarks. */
export interface Update {
  readonly text: string;
  readonly changes: readonly string[];
  readonly remarks: readonly Remark[];
}

/**
 * Writes the differences between a fleet file and the account into the text of the file. The file keeps devices that the account
 * does not have. Before it returns, it loads the new text and checks that nothing else changed.
 *
 * @throws FleetFileError for a file that does not load; UnsafeUpdate where the check fails
 */
export function updateFleetFile(file: string, text: string, io: FleetIo, account: AccountView): Update {
  const before = new FleetFile(file, text, io);
  const found = new Map(account.devices.map((device) => [device.id, device]));
  const changed = changesOfDevices(before, found);
  const added = addDevices(before, changed.groups, account);

  const splices = [...changed.splices, ...added.splices];
  const remarks = [
    ...changed.remarks,
    ...added.remarks,
    ...missingRemarks(before, found, account.unselected),
  ];
  const changes = [...changed.changes, ...added.changes];
  if (splices.length === 0) return { text, changes, remarks };

  const result = apply(text, splices);
  const touched = new Set([...changed.touched, ...added.devices.map(({ deviceId }) => deviceId)]);
  const after = load(file, result, io);
  verify(before, after, { found, touched, open: changed.open, added: added.devices });
  return { text: result, changes, remarks };
}

function missingRemarks(
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
      text: `The account does not show ${deviceCount(absent.length)} of the file (the API key may not see them, or the next \`pulumi up\` will create them): ${idList(absent)}.`,
    },
  ];
}

function load(file: string, text: string, io: FleetIo): FleetFile {
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
