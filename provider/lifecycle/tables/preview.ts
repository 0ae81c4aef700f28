import { RedoLog } from "../../journal/log.js";
import { planTable } from "../../reconcile/plan/planTable.js";
import type { Observations, TablePlan } from "../../reconcile/plan/tablePlan.js";
import { survey } from "../../reconcile/run/survey.js";
import type { Session } from "../session/session.js";
import { requireTeam } from "../session/team.js";
import { guardsOf, tablesOf } from "./comparison.js";
import { caFindings } from "./findings/unknownCa.js";
import { claimFindings } from "./findings/claims.js";
import { logFindings } from "./findings/journal.js";
import { planLimitFindings } from "./findings/onboarding.js";
import { plannedFindings } from "./findings/planned.js";
import { rotationFindings } from "./findings/rotation.js";
import { logName } from "./redoLog.js";
import { type DeclaredTable, EMPTY, type RecordedTable } from "./table.js";

const NO_OBSERVATIONS: Observations = { seen: new Map(), log: new Map() };

/**
 * Plans a table for a preview. It reads the account and the journal, and changes nothing. Without an API key it compares only declared and
 * recorded rows.
 */
export async function previewTable(
  session: Session,
  table: DeclaredTable,
  state: RecordedTable = EMPTY,
): Promise<TablePlan> {
  const cloud = await session.cloudIfConfigured();
  if (cloud !== undefined) requireTeam(cloud.account, state.team, table.title);
  const name = logName(session, table);
  if (table.journalKey !== undefined) RedoLog.requireWritable(session.journalFolder);
  const log = name === undefined ? undefined : RedoLog.read(session.journalFolder, name);
  if (state === EMPTY) log?.forNewTable();
  const tables = tablesOf(session, table, state);
  const observations =
    cloud === undefined
      ? NO_OBSERVATIONS
      : await survey(cloud, tables, log?.unrecorded(state.revision) ?? new Map());
  const plan = planTable(tables, observations, guardsOf(session, table));
  const planned = plannedFindings(session, cloud, table, state, plan);
  if (cloud === undefined) return { ...plan, findings: [...plan.findings, ...planned] };
  const more = [
    ...(log === undefined ? [] : logFindings(log, state)),
    ...planLimitFindings(cloud, state, plan, observations),
    ...caFindings(table, state),
    ...planned,
    ...(await rotationFindings(cloud, state, plan)),
    ...(await claimFindings(cloud, table, plan)),
  ];
  return { ...plan, findings: [...plan.findings, ...more] };
}
