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
 * Writes into the journal that something is about to be done to a thing in the account, together with others. A run that fails or is
 * killed after that leaves a state that may not be true.
 */
export async function intend(
  open: Session,
  kind: JournalKind,
  id: string,
  mark: string,
  properties: LooseObject,
): Promise<void> {
  await intentions(open).add({ journal: open.journalOf(kind, properties), id, mark });
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
