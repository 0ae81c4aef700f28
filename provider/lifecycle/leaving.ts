import { fetchDevice, findDevices } from "../cloud/devices.js";
import { findRule } from "../cloud/provisioningRules.js";
import type { Journal, Told } from "../engine/journal.js";
import type { LooseObject } from "../engine/outputs.js";
import { lookUpClaimed } from "./claimedDevices.js";
import { intend } from "./intended.js";
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
export async function takeOut(
  open: Session,
  kind: LeavingKind,
  id: string,
  properties: LooseObject,
  remove: () => Promise<void>,
): Promise<void> {
  await intend(open, kind, id, MARK, properties);
  // Where it fails, the last error says nothing of the tries before it: the next run looks.
  await remove();
  open.journalOf(kind, properties).tell(id, "gone");
}

/** Whether an earlier run has taken this out of the account, though the state still has it. */
export async function hasLeft(
  open: Session,
  kind: LeavingKind,
  id: string,
  properties: LooseObject,
): Promise<boolean> {
  const journal = open.journalOf(kind, properties);
  const intent = journal.unfinished(id);
  if (intent === undefined) return false;
  if ((await leftOf(open)(kind, journal, intent.told)).has(id)) return true;
  if (Date.now() - Date.parse(intent.at) > SHOWS_WITHIN_MS) journal.settle(id);
  return false;
}

/** What was taken out and is still seen after this time has not been taken out at all. */
const SHOWS_WITHIN_MS = 10 * 60 * 1000;

/** In words for a reviewer. */
export const LEFT =
  "was taken out of the account by a run that could not save that, so it will be made anew: its history in nRF Cloud is lost, and it " +
  "needs its new certificate before it can connect again.";

/** The same of a device that nobody here can certify. */
export const LEFT_FOR_GOOD =
  "was taken out of the account by a run that could not save that. It was adopted and no credential is declared for it, so it can't be made " +
  "anew: `up` will fail. Declare a credential, or take the device out of the program.";

/**
 * Those that have left, looked for once for all of a kind. A list may lag behind or skip one; only a thing's own answer counts. What an
 * engine was told is gone is looked for apart: mostly it is in no state any more, and nobody asks for it.
 */
const leftOf = perSession((open) => {
  const looked = new Map<Journal, Map<Told, Promise<ReadonlySet<string>>>>();
  const look = async (kind: LeavingKind, journal: Journal, told: Told): Promise<ReadonlySet<string>> => {
    const ids = journal.allUnfinished().flatMap((intent) => (intent.told === told ? [intent.key] : []));
    const listed = kind === "leaving" ? await findDevices(open.transport, ids) : new Map<string, unknown>();
    const missing = ids.filter((id) => !listed.has(id));
    const found = await Promise.all(missing.map((id) => seen(open, kind, id)));
    return new Set(missing.filter((_, i) => found[i] === undefined));
  };
  return (kind: LeavingKind, journal: Journal, told: Told) => {
    const looks = looked.get(journal) ?? new Map<Told, Promise<ReadonlySet<string>>>();
    looked.set(journal, looks);
    const looking = looks.get(told) ?? look(kind, journal, told);
    looks.set(told, looking);
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
