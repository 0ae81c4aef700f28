import { ExpectedError } from "../../engine/errors.js";
import { isUnknown, type Unknowable } from "../../engine/unknown.js";
import { configInAccount } from "../../fleet/config.js";
import { FIRST_GENERATION } from "../../fleet/rotation.js";
import { RedoLog, type LogName, type Unrecorded } from "../../journal/log.js";
import { describeCertificate } from "../../pki/certificate.js";
import type { Certify } from "../../pki/deviceCertificate.js";
import type { CaRole } from "../../fleet/caRole.js";
import { changeSince } from "../../reconcile/plan/cas.js";
import type { SigningCa } from "../../signers/description.js";
import { roleOf } from "../../ways/preconnect/cas.js";
import { GONE_NOW, HIDDEN, keep, note, REPLACED } from "../../reconcile/plan/finding.js";
import { readRows } from "../../reconcile/run/readRows.js";
import {
  findingText,
  planTable,
  refusals,
  type Observations,
  type TableFinding,
  type TablePlan,
  type Tables,
} from "../../reconcile/plan/planTable.js";
import { asRetired } from "../../reconcile/plan/retirement.js";
import { interruptedText, stoppedText, type TableLane } from "../../reconcile/plan/rollout.js";
import { sameTags } from "../../reconcile/plan/planRow.js";
import type { RowRecord, Records } from "../../reconcile/table/record.js";
import { generationsOf } from "../../reconcile/plan/turn.js";
import { isDueForRenewal } from "../../reconcile/plan/renewal.js";
import type { Row } from "../../reconcile/table/row.js";
import type { TableInputs } from "../../reconcile/table/table.js";
import { runTable, type TableOutcome } from "../../reconcile/run/run.js";
import type { Seen } from "../../reconcile/plan/situation.js";
import type { StepLog } from "../../reconcile/run/stepLog.js";
import { survey } from "../../reconcile/run/survey.js";
import type { Issuer } from "../../ways/preconnect/credential.js";
import { caRotationFindings } from "./caRotation.js";
import { failureTexts } from "./failures.js";
import { issueFindings } from "./issueFindings.js";
import { certificateOf, issuersIn, tableCas } from "./issuers.js";
import { policyFindings } from "./policyFindings.js";
import {
  caFindings,
  claimFindings,
  logFindings,
  onboardingFindings,
  planLimitFindings,
  retiredFindings,
  rotationFindings,
} from "./findings.js";
import { holdingOf } from "../session/holders.js";
import { withoutHandedOver } from "./inThisRun.js";
import type { Cloud, Session } from "../session/session.js";
import { requireTeam } from "../session/team.js";

/** A table as a resource declares it: many rows of a DeviceSet, or the one row of a single resource. */
export interface DeclaredTable extends TableInputs {
  /** As messages call it, such as `DeviceSet fleet`. */
  readonly title: string;
  readonly declared: ReadonlyMap<string, Row>;
  readonly isChosen: (id: string) => boolean;
  /** In which order its rows change; empty: all together. */
  readonly lanes: readonly TableLane[];
  /** Whether all of it is to go: then nothing is kept because it is retired. */
  readonly isDestroyed: boolean;
}

/** What the state has of a table. */
export interface RecordedTable {
  /** Grows with each operation; what the redo log has beyond it is in no state. */
  readonly revision: number;
  /** Tenant id of the team. */
  readonly team: string | undefined;
  readonly records: Records;
  /** What devices brought when it was recorded. Secret. */
  readonly materials: Unknowable<ReadonlyMap<string, string>>;
  /** The CAs that it was recorded with. */
  readonly cas: Pick<TableInputs, "ca" | "nextCa">;
}

/** What became of a table. */
export interface AppliedTable {
  readonly revision: number;
  readonly team: string;
  readonly outcome: TableOutcome;
  readonly failures: readonly string[];
}

const NO_OBSERVATIONS: Observations = { seen: new Map(), log: new Map() };

const EMPTY: RecordedTable = {
  revision: 0,
  team: undefined,
  records: new Map(),
  materials: new Map(),
  cas: { ca: undefined, nextCa: undefined },
};

/**
 * Plans a table for a preview: asks the account and reads the redo log, and changes nothing. Without an API key only declared and
 * recorded rows are compared.
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
  if (cloud === undefined) {
    const blind = planTable(tables, NO_OBSERVATIONS, guardsOf(session, table));
    const more = [
      ...caRotationFindings(table, state, blind),
      ...retiredFindings(table, state, blind),
      ...issueFindings(session, cloud, table, state, blind),
      ...policyFindings(session, table, state, blind),
    ];
    return { ...blind, findings: [...blind.findings, ...more] };
  }
  const observations = await survey(cloud, tables, log?.unrecorded(state.revision) ?? new Map());
  const plan = planTable(tables, observations, guardsOf(session, table));
  const more = [
    ...(log === undefined ? [] : logFindings(log, state)),
    ...planLimitFindings(cloud, state, plan, observations),
    ...caFindings(table, state),
    ...caRotationFindings(table, state, plan),
    ...retiredFindings(table, state, plan),
    ...issueFindings(session, cloud, table, state, plan),
    ...policyFindings(session, table, state, plan),
    ...onboardingFindings(cloud, table, plan),
    ...(await rotationFindings(cloud, state, plan)),
    ...(await claimFindings(cloud, table, plan)),
  ];
  return { ...plan, findings: [...plan.findings, ...more] };
}

/**
 * Makes the account match a table. What is known to fail is refused before any change; other failures are reported by row.
 *
 * @throws ExpectedError with all that is refused
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
    // A restored state is older than the log; this run is newer than both.
    const revision = Math.max(state.revision, opened?.latestRevision ?? 0) + 1;
    const tables = tablesOf(session, table, state);
    const logged = opened?.unrecorded(state.revision) ?? new Map<string, Unrecorded>();
    let observations = await survey(cloud, tables, logged);
    if (mayBeUnderWay(logged, state.records, observations)) {
      await cloud.onboarding.earlierJobsEnded(
        jobsOfEarlierRuns(logged, state.records),
        cloud.deadlines.bulkMs,
      );
      observations = inDoubt(await survey(cloud, tables, logged));
    }
    const plan = planTable(tables, observations, guardsOf(session, table));
    const refused = refusals({
      findings: [
        ...plan.findings,
        ...issueFindings(session, cloud, table, state, plan),
        ...policyFindings(session, table, state, plan),
        ...onboardingFindings(cloud, table, plan),
      ],
    });
    if (refused.length > 0) throw new ExpectedError(refused.join("\n\n"));
    // The comparison has reported these already; a destroy has none.
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

/** Why a run stopped between two batches, and what is left of the plan. */
function stopTexts({ rows }: TablePlan, { stopped }: TableOutcome): string[] {
  if (stopped === undefined) return [];
  const { failed, rest } = stopped;
  const left = rest.flatMap((id) => {
    const change = rows.get(id)?.change;
    return change === undefined ? [] : [[id, change] as const];
  });
  const changes = new Map(left);
  return [failed === undefined ? interruptedText(changes) : stoppedText(failed.part, failed.tally, changes)];
}

/** Looks at all rows of a state, and gives what they are like now. Never drops what the API key may only not see. */
export async function refreshTable(
  session: Session,
  table: DeclaredTable,
  state: RecordedTable,
): Promise<Records> {
  const { title } = table;
  const cloud = await session.cloud();
  requireTeam(cloud.account, state.team, title);
  const rows = [...state.records].flatMap(([id, { row, outcome }]) =>
    row === undefined || outcome.kind === "waiting"
      ? []
      : [
          {
            id,
            way: row.way,
            expected: "present" as const,
            withShadow: row.config !== undefined,
          },
        ],
  );
  const seen = await readRows(cloud, rows);
  const records = new Map<string, RowRecord>();
  const gone: string[] = [];
  const hidden: string[] = [];
  const replaced: string[] = [];
  for (const [id, record] of state.records) {
    const each = seen.get(id);
    if (each === undefined || record.row === undefined) {
      records.set(id, record);
    } else if (each.kind === "hidden") {
      hidden.push(id);
      records.set(id, { ...record, outcome: { kind: "hidden" } });
    } else if (each.kind === "absent") {
      gone.push(id);
      // The key is kept: the device may be onboarded again with it.
      records.set(id, {
        ...record,
        ...heldGenerations(record),
        row: undefined,
        createdAt: undefined,
        jobId: undefined,
      });
    } else if (
      record.createdAt !== undefined &&
      each.createdAt !== undefined &&
      each.createdAt !== record.createdAt
    ) {
      replaced.push(id);
      records.set(id, { ...record, outcome: { kind: "replaced", createdAt: each.createdAt } });
    } else {
      const found = rowInAccount(record.row, each, record.keepsName);
      const outcome =
        record.outcome.kind === "hidden" || record.outcome.kind === "replaced"
          ? ({ kind: "done" } as const)
          : record.outcome;
      records.set(id, { ...record, row: found, createdAt: record.createdAt ?? each.createdAt, outcome });
    }
  }
  const name = logName(session, table);
  const log = name === undefined ? undefined : RedoLog.read(session.journalFolder, name);
  const rowFindings: TableFinding[] = [
    { ...note(GONE_NOW), ids: gone },
    { ...keep(HIDDEN), ids: hidden },
    { ...keep(REPLACED), ids: replaced },
  ];
  reportFindings(session, title, [
    ...(log === undefined ? [] : logFindings(log, state)),
    ...rowFindings.filter(({ ids }) => ids.length > 0),
  ]);
  return records;
}

/**
 * Deletes or releases all devices of a table.
 * @param keepsRetired whether retired devices are kept for their time all the same
 * @throws ExpectedError where a guard forbids it, or where any device is still there
 */
export async function destroyTable(
  session: Session,
  table: DeclaredTable,
  state: RecordedTable,
  { keepsRetired = false } = {},
): Promise<void> {
  // Who was chosen for the last `up` is no choice for this.
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
  const left = hidden.length === 0 ? [] : [findingText({ ...keep(HIDDEN), ids: hidden.map(([id]) => id) })];
  const failures = [...applied.failures, ...left];
  if (failures.length > 0) throw new ExpectedError(failures.join("\n"));
}

/** Records in the redo log that a table is destroyed, and its devices are kept in the account. */
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

/** Which generations are kept of a row whose line goes; the first alone goes without saying. */
function heldGenerations(record: RowRecord): Pick<RowRecord, "rotation"> {
  const had = generationsOf(record, record.row);
  if (record.rotation !== undefined || had === undefined) return {};
  const { generation, order } = had;
  return generation === FIRST_GENERATION.generation ? {} : { rotation: { generation, order, at: "" } };
}

function reportFindings(session: Session, title: string, findings: readonly TableFinding[]): void {
  const lines = findings.map((finding) => `  ${findingText(finding)}`);
  if (lines.length > 0) session.notices.print([`${title}:`, ...lines].join("\n"));
}

function tablesOf({ clock }: Session, table: DeclaredTable, state: RecordedTable): Tables {
  const { unknown, isChosen, lanes, earlyRenewalHours } = table;
  const declared = new Map(
    [...table.declared].map(([id, row]) => [id, asRetired(state.records.get(id)?.row, row)]),
  );
  const cas = tableCas(table);
  const ends = { ca: endOf(table.ca), nextCa: endOf(table.nextCa) };
  const now = clock.now();
  return {
    declared,
    unknown,
    recorded: state.records,
    tableOf: (record) => changeSince(record, cas),
    isChosen,
    lanes,
    isDue: (record, row) =>
      isDueForRenewal(record, row, {
        earlyRenewalHours,
        caEnd: ends[roleOf(record.issuedWith, cas)],
        now,
      }),
    now,
  };
}

function endOf(ca: Unknowable<SigningCa | undefined>): Date | undefined {
  const certificate = certificateOf(ca);
  return certificate === undefined ? undefined : new Date(describeCertificate(certificate).notAfter);
}

function guardsOf({ allowedDeletes }: Session, { maxDeletes, isDestroyed }: DeclaredTable) {
  return { maxDeletes, allowedDeletes, keepsRetired: !isDestroyed };
}

function issuerOf({ clock, signers }: Session, { transport }: Cloud, table: DeclaredTable): Issuer {
  const { validityDays, profile, title } = table;
  const certifiers = new Map<CaRole, Certify>();
  return {
    validityDays,
    caCertificate: certificateOf(table.ca),
    nextCaCertificate: certificateOf(table.nextCa),
    profile,
    now: () => clock.now(),
    serviceTime: () => transport.serverTime(),
    async certify(request, role) {
      const ca = table[role];
      if (isUnknown(ca) || ca === undefined)
        throw new ExpectedError(`${title} has no CA to sign certificates. Give it \`ca\`.`);
      const certify = certifiers.get(role) ?? signers.certifier(ca);
      certifiers.set(role, certify);
      return certify(request);
    },
  };
}

/** Which redo log a table has; `undefined` where it has none, or not yet. */
export function logName(
  { project }: Pick<Session, "project">,
  { stack, name, journalKey }: DeclaredTable,
): LogName | undefined {
  if (journalKey === undefined || isUnknown(journalKey)) return undefined;
  return { project, stack, set: name, key: journalKey };
}

/** A job that did not end while it was waited for proves nothing. */
function inDoubt({ seen, log }: Observations): Observations {
  const settled = [...log].map(
    ([id, each]) => [id, each.verdict === "running" ? { ...each, verdict: "doubt" as const } : each] as const,
  );
  return { seen, log: new Map(settled) };
}

/** Whether nRF Cloud may still run an onboarding of an earlier run. */
function mayBeUnderWay(
  logged: ReadonlyMap<string, Unrecorded>,
  records: Records,
  { seen }: Observations,
): boolean {
  const isStarted = [...logged].some(
    ([id, { steps }]) =>
      steps.some(({ step }) => step === "onboard" || step === "register") && seen.get(id)?.kind !== "hidden",
  );
  return (
    isStarted ||
    [...records.values()].some(({ jobId, createdAt }) => jobId !== undefined && createdAt === undefined)
  );
}

/** The jobs that may still be under way, as far as log and state know them. */
function jobsOfEarlierRuns(logged: ReadonlyMap<string, Unrecorded>, records: Records): readonly string[] {
  const ofLog = [...logged.values()].flatMap(({ steps }) =>
    steps.flatMap(({ step, jobIds }) => (step === "onboard" ? jobIds : [])),
  );
  const ofState = [...records.values()].flatMap(({ jobId, createdAt }) =>
    jobId !== undefined && createdAt === undefined ? [jobId] : [],
  );
  return [...new Set([...ofLog, ...ofState])];
}

function stepLog(log: RedoLog, revision: number, { transport }: Cloud): StepLog {
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
const NO_LOG: StepLog = {
  start: () => ({ accepted: () => undefined, ended: () => undefined }),
};

/** A row as the account has it now, so that a comparison shows what drifted. */
function rowInAccount(row: Row, seen: Seen & { kind: "present" }, keepsName: boolean): Row {
  const tags = sameTags(seen.tags, row.tags) ? row.tags : seen.tags;
  // Of the keys that were declared only: the others are not ours.
  const config =
    row.config !== undefined && seen.shadow?.kind === "read"
      ? { config: configInAccount(seen.shadow.desired, row.config) }
      : {};
  if (row.way === "attestation") return { ...row, tags, ...config };
  // An adopted device keeps its name until one is declared.
  const name = row.name === undefined && keepsName ? undefined : seen.name;
  // The service fills in a sub-type where none was given.
  const subType = row.subType === undefined ? undefined : (seen.subType ?? row.subType);
  return { ...row, tags, name, subType, ...config };
}

function lockOptions({ clock, notices }: Session) {
  return {
    clock,
    waiting: (text: string) => {
      notices.print(text);
    },
  };
}
