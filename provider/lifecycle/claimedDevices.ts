import type { ClaimedDevice } from "../cloud/answers.js";
import { fetchClaimedDevice, findClaimedDevices } from "../cloud/claimedDevices.js";
import { Batcher } from "../engine/batcher.js";
import { ExpectedError } from "../engine/errors.js";
import { SharedPoll } from "../engine/sharedPoll.js";
import { perSession } from "./perSession.js";
import { QUIET_MS, type Session } from "./session.js";

const POLL_MS = 400;
const SHOWS_WITHIN_MS = 60_000;

const looks = perSession((open) => {
  const look = (uuids: readonly string[]) => findClaimedDevices(open.identity(), uuids);
  return {
    together: new Batcher<string, ClaimedDevice | undefined>({
      maxSize: 1000,
      quietMs: QUIET_MS,
      run: async (uuids) => {
        const found = await look([...new Set(uuids)]);
        return uuids.map((uuid) => ({ ok: true, value: found.get(uuid) }));
      },
    }),
    watch: new SharedPoll<ClaimedDevice>({ look, intervalMs: () => POLL_MS }),
  };
});

/** A claimed device as the service has it now; asked for together with others. A list alone does not make it absent. */
export async function lookUpClaimed(open: Session, deviceUuid: string): Promise<ClaimedDevice | undefined> {
  return (
    (await looks(open).together.add(deviceUuid)) ?? (await fetchClaimedDevice(open.identity(), deviceUuid))
  );
}

/** Waits until the service shows what it has accepted. @throws ExpectedError when it takes too long */
export function waitForClaimed(
  open: Session,
  deviceUuid: string,
  until: (seen: ClaimedDevice | undefined) => boolean,
): Promise<ClaimedDevice | undefined> {
  return looks(open).watch.wait(deviceUuid, until, SHOWS_WITHIN_MS, () => notShown(deviceUuid));
}

/** Waits until a device is no longer claimed. Lists may run ahead, so the device's own answer has the last word. */
export async function waitUntilUnclaimed(open: Session, deviceUuid: string): Promise<void> {
  const deadline = Date.now() + SHOWS_WITHIN_MS;
  for (;;) {
    await waitForClaimed(open, deviceUuid, (seen) => seen === undefined);
    if ((await fetchClaimedDevice(open.identity(), deviceUuid)) === undefined) return;
    if (Date.now() >= deadline) throw notShown(deviceUuid);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function notShown(deviceUuid: string): Error {
  return new ExpectedError(
    `The Identity and Provisioning service accepted the change of device ${deviceUuid}, but does not show it after ` +
      `${SHOWS_WITHIN_MS / 1000} s. Run again in a while: what was done is found and kept.`,
  );
}
