import type { ClaimedDevice } from "../cloud/answers.js";
import { fetchClaimedDevice, findClaimedDevices } from "../cloud/claimedDevices.js";
import { Batcher } from "../engine/batcher.js";
import { ExpectedError } from "../engine/errors.js";
import { SharedPoll } from "../engine/sharedPoll.js";
import { untilGone } from "./gone.js";
import { perSession } from "./perSession.js";
import { QUIET_MS, type Session } from "./session.js";
import { MORE_TIME } from "./settings.js";

const POLL_MS = 400;

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
  return looks(open).watch.wait(deviceUuid, until, open.deadlines.readbackMs, () =>
    notShown(open, deviceUuid),
  );
}

/** Waits until a device is no longer claimed. @throws ExpectedError when it takes too long */
export function waitUntilUnclaimed(open: Session, deviceUuid: string): Promise<void> {
  return untilGone({
    key: deviceUuid,
    watch: looks(open).watch,
    fetch: () => fetchClaimedDevice(open.identity(), deviceUuid),
    withinMs: open.deadlines.readbackMs,
    late: () => notShown(open, deviceUuid),
  });
}

function notShown({ deadlines }: Session, deviceUuid: string): Error {
  return new ExpectedError(
    `The Identity and Provisioning service accepted the change of device ${deviceUuid}, but does not show it after ` +
      `${deadlines.readbackMs / 1000} s. Run again in a while: what was done is found and kept. ${MORE_TIME}`,
  );
}
