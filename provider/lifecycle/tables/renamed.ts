import { RedoLog } from "../../journal/log.js";
import { refuse, UNFINISHED_UNDER } from "../../reconcile/plan/finding.js";
import { findingText } from "../../reconcile/plan/planText.js";
import type { Session } from "../session/session.js";
import { logName } from "./redoLog.js";
import type { DeclaredTable, RecordedTable } from "./table.js";

/**
 * The redo log has the name of its table. What an interrupted run left in it would be lost with a new name.
 * @param former the table as the state has it, by its former name
 * @returns why it can't have another name now
 */
export function whyNotRenamed(
  session: Pick<Session, "journalFolder" | "project">,
  former: DeclaredTable,
  { revision }: RecordedTable,
): string[] {
  const name = logName(session, former);
  if (name === undefined) return [];
  const ids = [...RedoLog.read(session.journalFolder, name).unrecorded(revision).keys()];
  return ids.length === 0 ? [] : [findingText({ ...refuse(UNFINISHED_UNDER(former.title)), ids })];
}
