import { fetchDevice, findDevices } from "../cloud/devices.js";
import { findRule } from "../cloud/provisioningRules.js";
import type { Journal } from "../engine/journal.js";
import type { LooseObject } from "../engine/outputs.js";
import { lookUpClaimed } from "./claimedDevices.js";
import { intended } from "./intended.js";
import { perSession } from "./perSession.js";
import type { Session } from "./session.js";

/** What the journal says of a thing that is about to be taken out of the account. */
const MARK = "leaves";

/** A thing in the account, by what it is to the journal when it goes: a device, a claim by token, or a rule. */
export type LeavingKind = "leaving" | "unclaiming" | "rule leaving";

/**
 * Takes a thing out of the account, and writes into the journal before that it is about to. A run that fails or is killed
 * after that has it in its state still, and the account may not: the next one looks before it believes the state.
 *
 * @param remove takes it out and waits until it is gone
 */
export function takeOut(
  open: Session,
  kind: LeavingKind,
  id: string,
  properties: LooseObject,
  remove: () => Promise<void>,
): Promise<void> {
  return intended(open, kind, id, MARK, properties, remove);
}

/** Whether an earlier run has taken this out of the account, though the state still has it. */
export async function hasLeft(
  open: Session,
  kind: LeavingKind,
  id: string,
  properties: LooseObject,
): Promise<boolean> {
  const journal = open.journalOf(kind, properties);
  if (journal.unfinished(id) === undefined) return false;
  return (await leftOf(open)(kind, journal)).has(id);
}

/** In words for a reviewer. */
export const LEFT =
  "was taken out of the account by a run that could not save that, so it will be made anew: its history in nRF Cloud is lost, and it " +
  "needs its new certificate before it can connect again.";

/** Those that have left, looked for once for all of a kind. A list may lag behind or skip one; only a thing's own answer counts. */
const leftOf = perSession((open) => {
  const looked = new Map<LeavingKind, Promise<ReadonlySet<string>>>();
  const look = async (kind: LeavingKind, journal: Journal): Promise<ReadonlySet<string>> => {
    const ids = journal.unfinishedKeys();
    const listed = kind === "leaving" ? await findDevices(open.transport, ids) : new Map<string, unknown>();
    const missing = ids.filter((id) => !listed.has(id));
    const found = await Promise.all(missing.map((id) => seen(open, kind, id)));
    return new Set(missing.filter((_, i) => found[i] === undefined));
  };
  return (kind: LeavingKind, journal: Journal) => {
    const looking = looked.get(kind) ?? look(kind, journal);
    looked.set(kind, looking);
    return looking;
  };
});

function seen(open: Session, kind: LeavingKind, id: string): Promise<unknown> {
  switch (kind) {
    case "leaving":
      return fetchDevice(open.transport, id);
    case "unclaiming":
      return lookUpClaimed(open, id);
    case "rule leaving":
      return findRule(open.identity(), id);
  }
}
