import { randomBytes } from "node:crypto";
import { ExpectedError } from "../engine/errors.js";
import type { Resource } from "../engine/resource.js";
import { RedoLog } from "../journal/log.js";
import { ONLY_LOGGED, refuse } from "../reconcile/plan/finding.js";
import { findingText } from "../reconcile/plan/planText.js";
import type { Session } from "./session/session.js";
import { orphansOf } from "./tables/orphans.js";

interface Inputs {
  readonly stack: string;
}

interface State extends Inputs {
  /** 32 random bytes, base64. Secret. */
  readonly key: string;
}

const KEY_BYTES = 32;

/** The id of every such key. It says nothing of the key. */
export const JOURNAL_KEY_ID = "journal-key";

/** A random key, base64. Secret. */
export function newJournalKey(): string {
  return randomBytes(KEY_BYTES).toString("base64");
}

/** The key that seals the journal of a fleet. The engine saves it before any resource uses it. */
export const journalKey: Resource<Inputs, State, Session> = {
  inputs: {
    decode: (fields) => ({ stack: fields.text("stack") ?? "" }),
    encode: (inputs) => ({ ...inputs }),
  },
  state: {
    decode(fields) {
      const key = fields.text("key");
      if (key === undefined)
        throw new ExpectedError(
          "The state of the journal's key lacks the key. Restore an earlier state (`pulumi stack export --version`).",
        );
      return { stack: fields.text("stack") ?? "", key };
    },
    encode: (state) => ({ ...state }),
  },
  check: () => Promise.resolve([]),
  diff: () => Promise.resolve({ kind: "same" }),
  create: (_session, { stack }) =>
    Promise.resolve({
      id: JOURNAL_KEY_ID,
      state: { stack, key: newJournalKey() },
      failures: [],
    }),
  read: (_session, _id, state) => Promise.resolve({ kind: "present", state }),
  update: (_session, id, state) => Promise.resolve({ id, state, failures: [] }),
  /**
   * Deletes the journals that the key sealed, because nobody can open them without it.
   * @throws ExpectedError while only a journal knows devices of the account
   */
  async delete(session, _id, { key }) {
    const orphans = await orphansOf(session, key);
    if (orphans.length > 0)
      throw new ExpectedError(
        orphans.map(({ file, ids }) => findingText({ ...refuse(ONLY_LOGGED(file)), ids })).join("\n"),
      );
    RedoLog.remove(session.journalFolder, key);
  },
};
