import { isUnknown } from "../../engine/unknown.js";
import type { RedoLog } from "../../journal/log.js";
import { type LogName } from "../../journal/log.js";
import type { StepLog } from "../../reconcile/run/stepLog.js";
import type { Cloud, Session } from "../session/session.js";
import type { DeclaredTable } from "./table.js";

/** Which redo log a table has; `undefined` where it has none, or not yet. */
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

/** A resource without a key for its log has none: nothing could be believed that stands in it. */
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
