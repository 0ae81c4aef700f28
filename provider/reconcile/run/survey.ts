import { JOBS_MATTER_FOR_MS } from "../../cloud/bulkJobs.js";
import { FIRST_GENERATION } from "../../fleet/rotation.js";
import type { Unrecorded } from "../../journal/log.js";
import type { UnrecordedStep } from "../../journal/unrecorded.js";
import { verdictOf, type SeenJob } from "../../journal/evidence.js";
import type { Cloud } from "../../lifecycle/session/session.js";
import { credentialFingerprint } from "../../pki/fingerprint.js";
import { readRows, type RowToRead } from "./readRows.js";
import { idsToRead } from "../plan/idsToRead.js";
import type { Observations, Tables } from "../plan/tablePlan.js";
import type { RowRecord } from "../table/record.js";
import { parseRow } from "../table/parseRow.js";
import type { Row } from "../table/row.js";
import type { LoggedCredential, Seen, Unfinished } from "../plan/situation.js";
import { renewalsOf } from "./renewals.js";

/** The margin for differences between the clocks of nRF Cloud's servers. */
const CLOCK_MARGIN_MS = 5_000;

/** Reads the rows on which the plan depends in the account, by list calls, and the bulk jobs of an interrupted run. */
export async function survey(
  cloud: Cloud,
  tables: Tables,
  logged: ReadonlyMap<string, Unrecorded>,
): Promise<Observations> {
  const rowsOfLog = new Map([...logged].map(([id, entry]) => [id, loggedRow(entry)]));
  const ids = idsToRead(tables, logged.keys());
  const sought = ids.flatMap((id): RowToRead[] => {
    const record = tables.recorded.get(id);
    const late = record?.jobId === undefined ? undefined : LATE_ROW;
    const way = (tables.declared.get(id) ?? record?.row ?? rowsOfLog.get(id) ?? late)?.way;
    if (way === undefined) return [];
    const isThere = record?.row !== undefined && record.outcome.kind !== "waiting";
    const rows = [tables.declared.get(id), record?.row, rowsOfLog.get(id)];
    return [
      {
        id,
        way,
        expected: isThere && record.row.way === way ? "present" : "absent",
        withShadow: rows.some((row) => row?.config !== undefined),
      },
    ];
  });
  const seen = await readRows(cloud, sought);
  const jobs = await jobsOf(cloud, logged, tables, seen);
  const log = new Map<string, Unfinished>();
  const known: KnownJobs = { jobs, areListed: cloud.onboarding.listsJobs };
  for (const [id, entry] of logged)
    log.set(id, unfinished(id, entry, rowsOfLog.get(id), seen.get(id), known));
  for (const [id, record] of tables.recorded) {
    const late = createdLate(id, record, tables.declared.get(id), seen.get(id), known);
    if (late !== undefined && !log.has(id)) log.set(id, late);
  }
  const renewals = await renewalsOf(cloud, tables, logged);
  return { seen, log, renewals };
}

const REMOVALS: ReadonlySet<string> = new Set(["delete", "dissociate", "unclaim"]);

/** The row that the interrupted run declared last. `undefined`: it only removed the device. */
function loggedRow(entry: Unrecorded): Row | undefined {
  const last = [...entry.steps].reverse().find(({ step }) => !REMOVALS.has(step));
  const parsed = last === undefined ? undefined : parseRow(last.line);
  return parsed?.ok === true ? parsed.row : undefined;
}

interface KnownJobs {
  readonly jobs: readonly SeenJob[];
  readonly areListed: boolean;
}

/** The bulk jobs since the first onboarding that may have created one of the devices. */
async function jobsOf(
  { transport, onboarding }: Cloud,
  logged: ReadonlyMap<string, Unrecorded>,
  { recorded }: Tables,
  seen: ReadonlyMap<string, Seen>,
): Promise<readonly SeenJob[]> {
  const isSeen = (id: string) => seen.get(id)?.kind === "present";
  const started = [...logged].flatMap(([id, { steps }]) =>
    isSeen(id) ? steps.filter(({ step }) => step === "onboard") : [],
  );
  const times = started.map(({ at }) => Date.parse(at));
  const lateIds = new Set(
    [...recorded].flatMap(([id, { jobId, createdAt }]) =>
      jobId !== undefined && createdAt === undefined && isSeen(id) ? [jobId] : [],
    ),
  );
  if (times.length === 0 && lateIds.size === 0) return [];
  // A bulk job ends within a day.
  const dayAgo = transport.serverTime().getTime() - JOBS_MATTER_FOR_MS;
  const since = Math.min(...times, ...(lateIds.size === 0 ? [] : [dayAgo])) - CLOCK_MARGIN_MS;
  const jobIds = [...new Set([...started.flatMap((step) => step.jobIds), ...lateIds])];
  const jobs = await onboarding.jobs({ since: new Date(since), jobIds });
  return jobs.map(({ credentials, ...job }) => ({
    ...job,
    rows: credentials && new Map([...credentials].map(([id, pem]) => [id, credentialFingerprint(pem)])),
  }));
}

function unfinished(
  id: string,
  entry: Unrecorded,
  row: Row | undefined,
  seen: Seen | undefined,
  { jobs, areListed }: KnownJobs,
): Unfinished {
  const latest = (isNext: boolean) =>
    [...entry.steps]
      .reverse()
      .find(
        ({ step, fingerprint, certificate }) =>
          (step === "next") === isNext && (fingerprint !== undefined || certificate !== undefined),
      );
  const next = latest(true);
  return {
    row,
    verdict: verdictOf(
      entry,
      { id, createdAt: seen?.kind === "present" ? seen.createdAt : undefined },
      jobs,
      areListed,
    ),
    steps: entry.steps.map(({ step }) => step),
    credential: credentialOf(latest(false)),
    ...(next === undefined ? {} : { next: credentialOf(next) }),
  };
}

function credentialOf(made: UnrecordedStep | undefined): LoggedCredential | undefined {
  if (made === undefined) return undefined;
  const { fingerprint = "", certificate, privateKey } = made;
  return { fingerprint, certificate, privateKey };
}

/** A device that nRF Cloud created after its run had ended. The job in the state proves that it is ours. */
function createdLate(
  id: string,
  record: RowRecord,
  declared: Row | undefined,
  seen: Seen | undefined,
  { jobs, areListed }: KnownJobs,
): Unfinished | undefined {
  const { jobId, certificate, privateKey } = record;
  if (jobId === undefined || record.createdAt !== undefined || seen?.kind !== "present") return undefined;
  const step = {
    step: "onboard",
    at: "",
    revision: 0,
    line: "",
    fingerprint: certificate === undefined ? undefined : credentialFingerprint(certificate),
    certificate,
    privateKey,
    jobIds: [jobId],
    ended: undefined,
  } as const;
  return {
    row: record.row ?? declared ?? LATE_ROW,
    verdict: verdictOf({ steps: [step] }, { id, createdAt: seen.createdAt }, jobs, areListed),
    steps: ["onboard"],
    credential: { fingerprint: "", certificate, privateKey },
  };
}

/** The row of such a device that is not declared any more. */
const LATE_ROW: Row = {
  way: "preconnect",
  subType: undefined,
  firmwareTypes: [],
  tags: [],
  name: undefined,
  credential: { kind: "issue", rotation: FIRST_GENERATION },
  adopt: "no",
  protect: false,
};
