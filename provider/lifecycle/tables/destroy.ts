import { ExpectedError } from "../../engine/errors.js";
import { RedoLog } from "../../journal/log.js";
import { HIDDEN, keep } from "../../reconcile/plan/finding.js";
import { findingText } from "../../reconcile/plan/planText.js";
import type { Session } from "../session/session.js";
import { applyTable } from "./apply.js";
import { lockOptions, logName } from "./redoLog.js";
import type { DeclaredTable, RecordedTable } from "./table.js";

/**
 * Deletes or releases all devices of a table.
 * @param keepsRetired whether retired devices are kept until their time is over
 * @throws ExpectedError where a guard forbids it, or where the account still has any device
 */
export async function destroyTable(
  session: Session,
  table: DeclaredTable,
  state: RecordedTable,
  { keepsRetired = false } = {},
): Promise<void> {
  // The choice of rows for the last `up` does not apply to a destroy.
  const nothing = {
    ...table,
    declared: new Map(),
    unknown: new Set<string>(),
    isChosen: () => true,
    lanes: [],
    isDestroyed: !keepsRetired,
  };
  const applied = await applyTable(session, nothing, state);
  const hidden = [...applied.outcome.records].filter(([, { outcome }]) => outcome.kind === "hidden");
  const keptText =
    hidden.length === 0 ? [] : [findingText({ ...keep(HIDDEN), ids: hidden.map(([id]) => id) })];
  const failures = [...applied.failures, ...keptText];
  if (failures.length > 0) throw new ExpectedError(failures.join("\n"));
}

/** Records in the journal that a table is destroyed, and that the account keeps its devices. */
export async function leaveTable(session: Session, table: DeclaredTable): Promise<void> {
  const name = logName(session, table);
  if (name === undefined) return;
  const log = await RedoLog.open(session.journalFolder, name, lockOptions(session));
  try {
    log.emptied();
  } finally {
    log.close();
  }
}
