import { fetchDevice, findDevices } from "../cloud/devices.js";
import { Batcher } from "../engine/batcher.js";
import type { LooseObject } from "../engine/outputs.js";
import { didNothing } from "./didNothing.js";
import { perSession } from "./perSession.js";
import { QUIET_MS, type Session } from "./session.js";

/** What the journal says of a device that is about to be taken out of the account. */
const MARK = "leaves";

/**
 * Takes a device out of the account, and writes into the journal before that it is about to. A run that fails or is killed
 * after that has the device in its state still, and the account may not: the next one looks before it believes the state.
 *
 * @param remove takes it out and waits until it is gone
 */
export async function takeOut(
  open: Session,
  deviceId: string,
  properties: LooseObject,
  remove: () => Promise<void>,
): Promise<void> {
  const journal = open.journalOf("leaving", properties);
  await intentsOf(open).add({ deviceId, properties });
  try {
    await remove();
  } catch (error) {
    if (didNothing(error)) journal.withdraw(deviceId);
    throw error;
  }
  journal.settle(deviceId);
}

/** Whether an earlier run has taken this device out of the account, though the state still has it. */
export async function hasLeft(open: Session, deviceId: string, properties: LooseObject): Promise<boolean> {
  const journal = open.journalOf("leaving", properties);
  if (journal.unfinished(deviceId) === undefined) return false;
  return (await leftOf(open)(journal.unfinishedKeys())).has(deviceId);
}

/** In words for a reviewer. */
export const LEFT =
  "was taken out of the account by a run that could not save that, so it will be made anew: its history in nRF Cloud is lost, and it " +
  "needs its new certificate before it can connect again.";

/** Thousands of deletions that begin together are one write to the disk. */
const intentsOf = perSession(
  (open) =>
    new Batcher<{ readonly deviceId: string; readonly properties: LooseObject }, undefined>({
      maxSize: 1000,
      quietMs: QUIET_MS / 5,
      run: (leaving) => {
        // All resources of a process are of one stack.
        const journal = open.journalOf("leaving", leaving[0]?.properties ?? {});
        journal.intend(leaving.map(({ deviceId }) => ({ key: deviceId, mark: MARK })));
        return Promise.resolve(leaving.map(() => ({ ok: true, value: undefined })));
      },
    }),
);

/** Those that have left, looked for once for all. A list may lag behind or skip one; only a device's own answer counts. */
const leftOf = perSession(({ transport }) => {
  let looked: Promise<ReadonlySet<string>> | undefined;
  const look = async (ids: readonly string[]): Promise<ReadonlySet<string>> => {
    const listed = await findDevices(transport, ids);
    const missing = ids.filter((id) => !listed.has(id));
    const found = await Promise.all(missing.map((id) => fetchDevice(transport, id)));
    return new Set(missing.filter((_, i) => found[i] === undefined));
  };
  return (ids: readonly string[]) => (looked ??= look(ids));
});
