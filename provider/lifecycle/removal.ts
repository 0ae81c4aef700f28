import { dissociateDevice } from "../cloud/association.js";
import { unclaimDevice } from "../cloud/claimedDevices.js";
import { deleteDevice } from "../cloud/devices.js";
import type { LooseObject } from "../engine/outputs.js";
import { waitUntilUnclaimed } from "./claimedDevices.js";
import { takeOut } from "./leaving.js";
import { waitUntilGone } from "./nameAndTags.js";
import type { Session } from "./session.js";

/** Deletes a device with its data, certificate and shadow, and waits until it is gone. */
export async function removeDevice(open: Session, deviceId: string, properties: LooseObject): Promise<void> {
  await takeOut(open, "leaving", deviceId, properties, async () => {
    await deleteDevice(open.transport, deviceId);
    await waitUntilGone(open, deviceId, "deletion");
  });
  for (const kind of ["device", "changing"] as const) open.journalOf(kind, properties).settle(deviceId);
}

/** Takes a just-in-time device out of the account, but not off the platform: whoever has its code can claim it again. */
export async function releaseDevice(open: Session, deviceId: string, properties: LooseObject): Promise<void> {
  await takeOut(open, "leaving", deviceId, properties, async () => {
    await dissociateDevice(open.transport, deviceId);
    await waitUntilGone(open, deviceId, "release");
  });
  for (const kind of ["claim", "changing"] as const) open.journalOf(kind, properties).settle(deviceId);
}

/** Gives a device up for any team to claim, which deletes it from the account too, and waits until it is gone. */
export async function unclaim(open: Session, deviceUuid: string, properties: LooseObject): Promise<void> {
  await takeOut(open, "unclaiming", deviceUuid, properties, async () => {
    await unclaimDevice(open.identity(), deviceUuid);
    await waitUntilUnclaimed(open, deviceUuid);
  });
  for (const kind of ["attestation", "retagging"] as const)
    open.journalOf(kind, properties).settle(deviceUuid);
}
