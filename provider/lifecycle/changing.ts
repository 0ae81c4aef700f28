import type { LooseObject } from "../engine/outputs.js";
import { isFromAfter } from "./confirmed.js";
import { declaredIn } from "./declared.js";
import { intend } from "./intended.js";
import type { Session } from "./session.js";

/** What can be changed where it is: a device, however it came into the account, or a claim by token. */
export type ChangingKind = "changing" | "retagging";

/**
 * Changes a thing where it is, and writes into the journal before that it is about to. A run that fails or is killed after that
 * has the thing in its state as it was, and the account may have it as it was to be.
 *
 * @param before the state as it is
 * @param work changes it, and gives the state after that
 */
export async function change(
  open: Session,
  kind: ChangingKind,
  id: string,
  before: LooseObject,
  work: () => Promise<LooseObject>,
): Promise<LooseObject> {
  const changedAt = new Date().toISOString();
  await intend(open, kind, id, changedAt, declaredIn(before));
  return { ...(await work()), changedAt };
}

/** Whether an earlier run was about to change this and no state has it since: the account may have it otherwise than this state. */
export function isInDoubt(
  { journalOf }: Pick<Session, "journalOf">,
  kind: ChangingKind,
  id: string,
  state: LooseObject,
): boolean {
  const journal = journalOf(kind, declaredIn(state));
  const intent = journal.unfinished(id);
  if (intent === undefined) return false;
  // A later time is that of a run on another machine, which saw what the account had.
  if (!isFromAfter(state, intent.mark)) return true;
  journal.settle(id);
  return false;
}

/** In words for a reviewer. */
export const IN_DOUBT =
  "was being changed by a run that was interrupted or failed, so the account may have it otherwise than this stack's state says: what is declared " +
  "is set where it differs.";
