import type { RedoLog } from "../../../journal/log.js";
import { keep, note } from "../../../reconcile/plan/finding.js";
import type { TableFinding } from "../../../reconcile/plan/tablePlan.js";
import type { RecordedTable } from "../table.js";

/** Findings of the journal itself: unreadable or missing lines, and a state that is older than the journal. */
export function logFindings(log: RedoLog, { revision }: Pick<RecordedTable, "revision">): TableFinding[] {
  const findings: TableFinding[] = [];
  if (log.unreadable) {
    findings.push({
      ...note(
        `The journal ${log.file} has lines that this stack's key can't open. They have no effect. If the file is from a pull request ` +
          "or another stack, delete it.",
      ),
      ids: [],
    });
  }
  if (log.torn) {
    findings.push({
      ...note(
        `The journal ${log.file} lacks lines: something cut or damaged it. The provider uses what is left, and may not know all devices of ` +
          "an interrupted run. Restore the file if you have a copy.",
      ),
      ids: [],
    });
  }
  const older = log.olderThan(revision);
  if (older !== undefined) {
    findings.push({
      ...keep(
        `The state has revision ${revision}, but the journal has ${older.latest}: the state is older. Its keys may no longer be those of these ` +
          "devices. Restore a later state, or issue new certificates by another generation (`rotation`).",
      ),
      ids: older.idsChangedSince,
    });
  }
  return findings;
}
