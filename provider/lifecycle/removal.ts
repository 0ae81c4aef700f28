import { dissociateDevice } from "../cloud/association.js";
import { unclaimDevice } from "../cloud/claimedDevices.js";
import { deleteDevice } from "../cloud/devices.js";
import type { LooseObject } from "../engine/outputs.js";
import { waitUntilUnclaimed } from "./claimedDevices.js";
import { settleGone } from "./entries.js";
import { takeOut } from "./leaving.js";
import { waitUntilGone } from "./nameAndTags.js";
import type { Session } from "./session.js";

/** Deletes a device with its data, certificate and shadow, and waits until it is gone. */
export async function removeDevice(open: Session, deviceId: string, properties: LooseObject): Promise<void> {
  await takeOut(open, "leaving", deviceId, properties, async () => {
    await deleteDevice(open.transport, deviceId);
    await waitUntilGone(open, deviceId, "deletion");
  });
  settleGone(open, "device", deviceId, properties);
}

/** Takes a just-in-time device out of the account, but not off the platform: whoever has its code can claim it again. */
export async function releaseDevice(open: Session, deviceId: string, properties: LooseObject): Promise<void> {
  await takeOut(open, "leaving", deviceId, properties, async () => {
    await dissociateDevice(open.transport, deviceId);
    await waitUntilGone(open, deviceId, "release");
  });
  settleGone(open, "claim", deviceId, properties);
}

/** Gives a device up for any team to claim, which deletes it from the account too, and waits until it is gone. */
export async function unclaim(open: Session, deviceUuid: string, properties: LooseObject): Promise<void> {
  await takeOut(open, "unclaiming", deviceUuid, properties, async () => {
    await unclaimDevice(open.identity(), deviceUuid);
    await waitUntilUnclaimed(open, deviceUuid);
  });
  settleGone(open, "attestation", deviceUuid, properties);
}
