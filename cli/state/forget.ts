import { CommandError } from "../commandError.js";
import path from "node:path";
import { KEPT, type Kept } from "../../provider/reconcile/table/packRotation.js";
import { bundlesIn, keptBundlesIn } from "../credentials/bundle.js";
import { writeBundles } from "../credentials/files.js";
import { flashingFor } from "../credentials/flashing.js";
import { NRF_CLOUD_SECURITY_TAG } from "../../provider/fleet/securityTag.js";
import { idText } from "../fleet/idText.js";
import { count, printText, printNote } from "../terminal.js";
import { selectedRows } from "./chosenRows.js";
import { withoutRows } from "./editRows.js";
import type { StateResource } from "./export.js";
import { holdsKey, holdsKeptKey } from "./losses.js";
import type { StateRow } from "./sets.js";
import type { StackState } from "./stackState.js";

/** What a user reads who interrupts the command while it forgets devices. */
export const FORGOTTEN_OR_NOT = "`nrfcloud-fleet list` shows whether the state still has the devices.";

/** Options for private keys that only the state has. */
export interface KeyOptions {
  /** The folder for a copy of the keys. */
  readonly credentials?: string;
  /** Whether the keys may be lost. */
  readonly loseKeys?: true;
}

/** Rows that will leave the state, and whose devices remain in the account. */
export interface Forgetting {
  readonly rows: readonly StateRow[];
  /** The devices whose private keys only this state has. */
  readonly keys: readonly string[];
  readonly before: StackState;
  readonly after: StackState;
  /** The resources of the state after the change. */
  readonly rest: readonly StateResource[];
}

/**
 * Plans to forget rows.
 * @throws CommandError if it is not safe, or if keys would be lost without the user's consent
 */
export function planForgetting(
  before: StackState,
  isMeant: (id: string) => boolean,
  { credentials, loseKeys }: KeyOptions,
): Forgetting {
  const rows = selectedRows(before, isMeant);
  const keys = rows.filter(({ record }) => holdsKey(record)).map(({ id }) => id);
  if (keys.length > 0 && credentials === undefined && loseKeys !== true) {
    throw new CommandError(
      `${count(keys.length, "device has its private key", "devices have their private keys")} in this state only (${idText(keys)}). Nothing was changed.\n` +
        "Write the keys to files first with --credentials <folder>, or give them up with --lose-keys if the devices have theirs.",
    );
  }
  const after = withoutRows(before, rows);
  return { rows, keys, before, after, rest: after.resources };
}

/** The effect of forgetting, as text for people. */
export function describeForgotten({ rows, keys }: Forgetting): string {
  const [present, absent] = [true, false].map((isPresent) =>
    rows.filter(({ record }) => (record.row !== undefined) === isPresent).map(({ id }) => id),
  );
  return [
    ...leaving(present, ", and the account keeps it", ", and the account keeps them"),
    ...leaving(
      absent,
      ", which says that the account does not have it",
      ", which says that the account does not have them",
    ),
    ...(keys.length > 0
      ? [
          `  ${count(keys.length, "private key leaves", "private keys leave")} the state with ${keys.length === 1 ? "it" : "them"} (${idText(keys)})`,
        ]
      : []),
    ...KEPT.flatMap((kept) => {
      const held = rows.filter(({ record }) => holdsKeptKey(record, kept));
      if (held.length === 0) return [];
      const of = idText(held.map(({ id }) => id));
      return [`  ${count(held.length, "key", "keys")} of ${KEPT_OF[kept]} too (${of})`];
    }),
  ].join("\n");
}

function leaving(ids: readonly string[] = [], one: string, many: string): string[] {
  if (ids.length === 0) return [];
  const leave = count(ids.length, "device leaves", "devices leave");
  return [`${leave} the state${ids.length === 1 ? one : many}: ${idText(ids)}`];
}

const KEPT_OF: Readonly<Record<Kept, string>> = {
  next: "the next generation",
  previous: "the generation before",
};

/** Writes the keys to files if the user wants that, then removes the rows from the state. */
export async function forget(
  { rows, before, after }: Forgetting,
  { credentials }: KeyOptions,
): Promise<void> {
  if (credentials !== undefined) {
    const bundles = bundlesIn(before.resources);
    const wanted = rows.flatMap(({ id }) => bundles.get(id) ?? []);
    const flashing = await flashingFor(before.target, bundles, { securityTag: NRF_CLOUD_SECURITY_TAG });
    writeBundles(credentials, wanted, flashing, { overwrite: false });
    for (const kept of KEPT) {
      const others = keptBundlesIn(before.resources, kept);
      const some = rows.flatMap(({ id }) => others.get(id) ?? []);
      if (some.length === 0) continue;
      const folder = path.join(credentials, kept);
      writeBundles(folder, some, flashing, { overwrite: false });
      printText(`Wrote the credentials of ${KEPT_OF[kept]} of ${count(some.length, "device")} to ${folder}.`);
    }
    printText(
      `Wrote the credentials of ${count(wanted.length, "device")} to ${credentials}. They are not encrypted.`,
    );
    if (flashing.serverRoot === undefined)
      printNote("The state does not have the root of the server, so the command did not write it.");
  }
  await after.import();
}
