/** What is said beside a fleet file: of devices that it doesn't have, or doesn't have as they are. */
import { RETIRED_TAG } from "../../provider/fleet/retired.js";
import type { Inventory } from "./inventory.js";
import { devices, named, together } from "./words.js";

/** Something to know, or a difference between file and account that stays until somebody mends it by hand. */
export interface Remark {
  readonly kind: "note" | "open";
  readonly text: string;
}

/** Remarks on what could not be said of an account, or not be said of it with certainty. */
export function inventoryRemarks(inventory: Inventory): Remark[] {
  const { justInTime, claimed, neverOnline, perhapsJustInTime, perhapsClaimed, claimsUnknown } = inventory;
  const leftOut = [...together(inventory.leftOut, ({ because }) => because)].map(
    ([because, those]) => `${devices(those.length)} left out: ${because}: ${idsOf(those)}.`,
  );
  const omissions = [...together(inventory.omissions, ({ what, because }) => `${what}: ${because}`)].map(
    ([because, those]) =>
      `The file leaves out a ${because}. The account keeps it as long as the file says nothing else: ${idsOf(those)}.`,
  );
  const retired = [...inventory.devices, ...justInTime].filter(({ tags }) => tags.includes(RETIRED_TAG));
  const certain = [
    retired.length > 0 &&
      `${devices(retired.length)} with the tag ${RETIRED_TAG}. The file keeps it as a tag, and retires no device, because the account does not ` +
        `show who set it, when, and for how long. To retire a device, declare it with state: retired and keepFor: ${idsOf(retired)}.`,
    justInTime.length > 0 &&
      `${devices(justInTime.length)} came just in time (their sub-type says so), and can only be declared in a jitp section, with ` +
        `their ownership codes: ${idsOf(justInTime)}.`,
    claimed.length > 0 &&
      `${devices(claimed.length)} claimed by attestation token, which can only be declared in a claims section, with their tokens: ` +
        `${named(claimed.map(({ id }) => id))}.`,
    neverOnline.length > 0 &&
      `${devices(neverOnline.length)} of those were not online since they were claimed: ${named(neverOnline)}.`,
    perhapsJustInTime.length > 0 &&
      `${devices(perhapsJustInTime.length)} called nrf-<IMEI>, as Nordic's own products are. If they came just in time, declare them in a ` +
        `jitp section instead. A destroy then releases them, and does not delete them: ${named(perhapsJustInTime)}.`,
    perhapsClaimed.length > 0 &&
      `${devices(perhapsClaimed.length)} called by a UUID, of which it could not be found out whether they were claimed by attestation token ` +
        `(${claimsUnknown ?? ""}). Those that were belong into a claims section, with their tokens: ${named(perhapsClaimed)}.`,
    claimsUnknown !== undefined &&
      perhapsClaimed.length === 0 &&
      `Whether devices were claimed by attestation token could not be found out (${claimsUnknown}).`,
  ];
  return [...leftOut, ...omissions, ...certain.filter((text) => text !== false)].map((text) => ({
    kind: "note",
    text,
  }));
}

function idsOf(those: readonly { readonly deviceId: string }[]): string {
  return named(those.map(({ deviceId }) => deviceId));
}
