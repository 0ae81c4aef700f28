import { RedoLog } from "../../journal/log.js";
import { refuse, UNFINISHED_UNDER } from "../../reconcile/plan/finding.js";
import { findingText } from "../../reconcile/plan/planText.js";
import type { Session } from "../session/session.js";
import { logName } from "./redoLog.js";
import type { DeclaredTable, RecordedTable } from "./table.js";

/**
 * The journal has the name of its table, so a rename would lose the entries of an interrupted run.
 * @param former the recorded table, with its former name
 * @returns refusals
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
