import { isUnknown } from "../../engine/unknown.js";
import type { RedoLog } from "../../journal/log.js";
import { type LogName } from "../../journal/log.js";
import type { StepLog } from "../../reconcile/run/stepLog.js";
import type { Cloud, Session } from "../session/session.js";
import type { DeclaredTable } from "./table.js";

/** Identifies the journal of a table. `undefined`: it has none, or its key is not known yet. */
export function logName(
  { project }: Pick<Session, "project">,
  { stack, name, journalKey }: DeclaredTable,
): LogName | undefined {
  if (journalKey === undefined || isUnknown(journalKey)) return undefined;
  return { project, stack, set: name, key: journalKey };
}

export function stepLog(log: RedoLog, revision: number, { transport }: Cloud): StepLog {
  const now = () => transport.serverTime().toISOString();
  return {
    start(step, rows) {
      const started = log.start(revision, step, rows, now());
      return {
        accepted: (jobId) => {
          started.accepted(jobId, now());
        },
        ended: (outcomes) => {
          started.ended(outcomes, now());
        },
      };
    },
  };
}

/** A journal without a key would prove nothing, so a resource without a key has none. */
export const NO_LOG: StepLog = {
  start: () => ({ accepted: () => undefined, ended: () => undefined }),
};

export function lockOptions({ clock, notices }: Session) {
  return {
    clock,
    waiting: (text: string) => {
      notices.print(text);
    },
  };
}
