import { Batcher } from "../engine/batcher.js";
import type { Journal } from "../engine/journal.js";
import type { LooseObject } from "../engine/outputs.js";
import { perSession } from "./perSession.js";
import { QUIET_MS, type JournalKind, type Session } from "./session.js";

interface Intention {
  readonly journal: Journal;
  readonly id: string;
  readonly mark: string;
}

/**
 * Does something to a thing in the account, and writes into the journal before that it is about to. A run that fails or is killed
 * after that leaves a state that may not be true, until the engine of a later one has ended in order.
 *
 * @param mark what is done to it
 */
export async function intended<T>(
  open: Session,
  kind: JournalKind,
  id: string,
  mark: string,
  properties: LooseObject,
  work: () => Promise<T>,
): Promise<T> {
  const journal = open.journalOf(kind, properties);
  await intentions(open).add({ journal, id, mark });
  // Where it fails, the last error says nothing of the tries before it.
  const done = await work();
  journal.settleInTheEnd(id);
  return done;
}

/** Thousands of deletions or changes that begin together are one write to the disk. */
const intentions = perSession(
  () =>
    new Batcher<Intention, undefined>({
      maxSize: 1000,
      quietMs: QUIET_MS / 5,
      run: (together) => {
        for (const each of new Set(together.map(({ journal }) => journal))) {
          const ours = together.filter(({ journal }) => journal === each);
          each.intend(ours.map(({ id, mark }) => ({ key: id, mark })));
        }
        return Promise.resolve(together.map(() => ({ ok: true, value: undefined })));
      },
    }),
);
