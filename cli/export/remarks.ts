/** Remarks on devices that a fleet file does not declare, or not completely. */
import { RETIRED_TAG } from "../../provider/fleet/retirement.js";
import type { Inventory } from "./inventory.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { deviceCount, idList } from "./words.js";

/** A note, or (`open`) a difference between file and account that a person has to resolve. */
export interface Remark {
  readonly kind: "note" | "open";
  readonly text: string;
}

/** Remarks on what the file leaves out, and on what the command can't find out. */
export function inventoryRemarks(inventory: Inventory): Remark[] {
  const { justInTime, claimed, neverOnline, perhapsJustInTime, perhapsClaimed, claimsUnknown } = inventory;
  const leftOut = [...groupBy(inventory.leftOut, ({ reason }) => reason)].map(
    ([reason, members]) =>
      `The file leaves out ${deviceCount(members.length)}: ${reason}: ${idsOf(members)}.`,
  );
  const omissions = [...groupBy(inventory.omissions, ({ what, reason }) => `${what}: ${reason}`)].map(
    ([reason, members]) =>
      `The file leaves out a ${reason}. The account keeps it as long as the file declares no other: ${idsOf(members)}.`,
  );
  const retired = [...inventory.devices, ...justInTime].filter(({ tags }) => tags.includes(RETIRED_TAG));
  const certain = [
    retired.length > 0 &&
      `The account has ${deviceCount(retired.length)} with the tag ${RETIRED_TAG}. The file keeps the tag, and retires no device, because the account does not ` +
        `show who set the tag, when, and for how long. To retire a device, declare it with state: retired and keepFor: ${idsOf(retired)}.`,
    justInTime.length > 0 &&
      `nRF Cloud provisioned ${deviceCount(justInTime.length)} just in time (known by sub-type). Declare them in a jitp section, with ` +
        `their ownership codes: ${idsOf(justInTime)}.`,
    claimed.length > 0 &&
      `The team claimed ${deviceCount(claimed.length)} by attestation token. Declare them in a claims section, with their tokens: ` +
        `${idList(claimed.map(({ id }) => id))}.`,
    neverOnline.length > 0 &&
      `${deviceCount(neverOnline.length)} of these did not connect after the claim: ${idList(neverOnline)}.`,
    perhapsJustInTime.length > 0 &&
      `nRF Cloud may have provisioned ${deviceCount(perhapsJustInTime.length)} just in time: the ids have the form nrf-<IMEI>, as those of Nordic's products. ` +
        `If so, declare them in a jitp section instead. A destroy then releases them, and does not delete them: ${idList(perhapsJustInTime)}.`,
    perhapsClaimed.length > 0 &&
      `The team may have claimed ${deviceCount(perhapsClaimed.length)} by attestation token: the ids are UUIDs, and the command could not read the claims ` +
        `(${claimsUnknown ?? ""}). Declare claimed devices in a claims section, with their tokens: ${idList(perhapsClaimed)}.`,
    claimsUnknown !== undefined &&
      perhapsClaimed.length === 0 &&
      `The command could not read which devices were claimed by attestation token (${claimsUnknown}).`,
  ];
  return [...leftOut, ...omissions, ...certain.filter((text) => text !== false)].map((text) => ({
    kind: "note",
    text,
  }));
}

function idsOf(members: readonly { readonly deviceId: string }[]): string {
  return idList(members.map(({ deviceId }) => deviceId));
}
