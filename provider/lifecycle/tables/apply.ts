import { ExpectedError } from "../../engine/errors.js";
import { isUnknown } from "../../engine/unknown.js";
import { RedoLog, type Unrecorded } from "../../journal/log.js";
import { planTable } from "../../reconcile/plan/planTable.js";
import { refusals } from "../../reconcile/plan/planText.js";
import { interruptedText, stoppedText } from "../../reconcile/plan/rollout/text.js";
import type { TablePlan } from "../../reconcile/plan/tablePlan.js";
import { runTable, type TableOutcome } from "../../reconcile/run/run.js";
import { survey } from "../../reconcile/run/survey.js";
import { holdingOf } from "../session/holders.js";
import type { Session } from "../session/session.js";
import { requireTeam } from "../session/team.js";
import { asDoubtful, jobsOfEarlierRuns, mayBeRunning } from "./earlierJobs.js";
import { issuerOf } from "./issuer.js";
import { guardsOf, tablesOf } from "./comparison.js";
import { failureTexts } from "./failures.js";
import { plannedFindings } from "./findings/planned.js";
import { withoutHandedOver } from "./inThisRun.js";
import { issuersIn } from "./issuers.js";
import { lockOptions, logName, NO_LOG, stepLog } from "./redoLog.js";
import { reportFindings } from "./report.js";
import { type AppliedTable, type DeclaredTable, EMPTY, type RecordedTable } from "./table.js";

/**
 * Makes the account match a table. It refuses before any change what is known to fail, and reports other failures by row.
 * @throws ExpectedError with all refusals
 */
export async function applyTable(
  session: Session,
  table: DeclaredTable,
  before: RecordedTable = EMPTY,
): Promise<AppliedTable> {
  const cloud = await session.cloud();
  const state = before === EMPTY ? before : withoutHandedOver(session, table, before);
  requireTeam(cloud.account, state.team, table.title);
  const name = logName(session, table);
  const opened =
    name === undefined ? undefined : await RedoLog.open(session.journalFolder, name, lockOptions(session));
  try {
    if (state === EMPTY) opened?.forNewTable();
    // A restored state can be older than the journal. The revision of this run must be later than both.
    const revision = Math.max(state.revision, opened?.latestRevision ?? 0) + 1;
    const tables = tablesOf(session, table, state);
    const logged = opened?.unrecorded(state.revision) ?? new Map<string, Unrecorded>();
    let observations = await survey(cloud, tables, logged);
    if (mayBeRunning(logged, state.records, observations)) {
      await cloud.onboarding.earlierJobsEnded(
        jobsOfEarlierRuns(logged, state.records),
        cloud.deadlines.bulkMs,
      );
      observations = asDoubtful(await survey(cloud, tables, logged));
    }
    const plan = planTable(tables, observations, guardsOf(session, table));
    const refused = refusals({
      findings: [...plan.findings, ...plannedFindings(session, cloud, table, state, plan)],
    });
    if (refused.length > 0) throw new ExpectedError(refused.join("\n\n"));
    // The comparison has reported them already. A destroy has no comparison.
    if (table.declared.size === 0) reportFindings(session, table.title, plan.findings);
    for (const { ca } of issuersIn(table, state, plan)) await session.signers.test(ca);
    const outcome = await runTable(
      {
        cloud,
        calls: await session.calls(),
        clock: session.clock,
        progress: session.progress,
        log: opened === undefined ? NO_LOG : stepLog(opened, revision, cloud),
        issuer: issuerOf(session, cloud, table),
        isStopped: session.isStopped,
      },
      {
        plan,
        declared: tables.declared,
        materials: isUnknown(table.materials) ? new Map() : table.materials,
        recorded: state.records,
        observations,
      },
    );
    for (const [id, { row, privateKey }] of outcome.records)
      if (row !== undefined) session.holders.take(holdingOf(id, row), privateKey !== undefined);
    opened?.compact(state.revision);
    if (table.declared.size === 0 && table.unknown.size === 0 && outcome.records.size === 0)
      opened?.emptied();
    const failures = [...failureTexts(outcome.failures), ...stopTexts(plan, outcome)];
    return { revision, team: cloud.account.team.tenantId, outcome, failures };
  } finally {
    opened?.close();
  }
}

/** Why a run stopped between two batches, and which changes it did not attempt. */
function stopTexts({ rows }: TablePlan, { stopped }: TableOutcome): string[] {
  if (stopped === undefined) return [];
  const { failed, rest } = stopped;
  const changes = new Map(
    rest.flatMap((id) => {
      const change = rows.get(id)?.change;
      return change === undefined ? [] : [[id, change] as const];
    }),
  );
  return [failed === undefined ? interruptedText(changes) : stoppedText(failed.part, failed.tally, changes)];
}
