import { fetchDevice } from "../cloud/devices.js";
import { ExpectedError } from "../engine/errors.js";
import type { Session } from "./session.js";

/** How long a device may stay in the account after nRF Cloud accepted that it goes. */
const GONE_WITHIN_MS = 120_000;
/** Time between two looks where lists run ahead. */
const AGAIN_MS = 400;

/**
 * Waits until a device has left the account. Lists may run ahead or lag behind, so the device's own answer has the last
 * word: an id is only free again once that is 404.
 *
 * @param what what nRF Cloud accepted, for the message
 */
export async function waitUntilGone(
  open: Session,
  deviceId: string,
  what: "deletion" | "release",
): Promise<void> {
  const deadline = Date.now() + GONE_WITHIN_MS;
  const late = () =>
    new ExpectedError(
      `Device ${deviceId} is still in the account ${GONE_WITHIN_MS / 1000} s after nRF Cloud accepted its ${what}. Run again in a while.`,
    );
  for (;;) {
    await open.watch.wait(deviceId, (seen) => seen === undefined, deadline - Date.now(), late);
    if ((await fetchDevice(open.transport, deviceId)) === undefined) return;
    if (Date.now() >= deadline) throw late();
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
