import type { Unrecorded, UnrecordedStep } from "./unrecorded.js";

/** An onboarding job as evidence. All times are by the service's clock (ISO 8601). */
export interface SeenJob {
  readonly id: string;
  readonly status: string;
  readonly requestedAt: string | undefined;
  readonly completedAt: string | undefined;
  /** The fingerprint of each device's credential; `undefined` if the file can't be read. */
  readonly rows: ReadonlyMap<string, string> | undefined;
  /** Devices whose rows were refused; `undefined` if that is unknown. */
  readonly refused: ReadonlySet<string> | undefined;
  /** The job's API does not list jobs, and does not show their end and rows. Only the log has them. */
  readonly isOnlyLogged?: true;
}

/** `running`: a job of this stack has the row and has not ended, so the verdict is not known yet. */
export type Verdict = "ours" | "foreign" | "doubt" | "running";

/** A device or claim in the account. `createdAt` of a claim is the time of the claim. */
interface SeenDevice {
  readonly id: string;
  readonly createdAt: string | undefined;
}

/** The service's times have a resolution of one second. */
const GRANULARITY_MS = 1_000;
/** If the end of a step is unknown, the step counts as done within this time. */
const TAKES_AT_MOST_MS = 60_000;

/**
 * Whether an interrupted run created a device that is in the account.
 *
 * - Onboarded: yes if a job of this stack had the row, ended without refusing it, and was running when the device was created. While a job
 *   is running, the verdict is open, since somebody else may have onboarded the device. If only the log has the job, its end is the one
 *   that the run saw. If the run was killed before, the device must have been created within a minute of the job.
 * - Claimed by token: yes if the step ended well, or the device was claimed within a minute of its start.
 * - Claimed by code: yes if the step ended well; otherwise in doubt.
 * - A refused step created nothing.
 *
 * @param areListed whether `jobs` has all jobs, except those that only the log names
 */
export function verdictOf(
  { steps }: Unrecorded,
  seen: SeenDevice,
  jobs: readonly SeenJob[],
  areListed = true,
): Verdict {
  return strongest(steps.map((step) => verdictOfStep(step, seen, jobs, areListed)));
}

function verdictOfStep(
  step: UnrecordedStep,
  seen: SeenDevice,
  jobs: readonly SeenJob[],
  areListed: boolean,
): Verdict {
  if (step.ended?.outcome === "refused") return "foreign";
  const isDone = step.ended?.outcome === "done";
  switch (step.step) {
    case "onboard":
      return verdictOfOnboarding(step, seen, jobs, areListed);
    case "claim":
      return isDone ? "ours" : verdictOfClaim(step, seen);
    case "associate":
      return isDone ? "ours" : "doubt";
    case "register":
    case "next":
    case "renew":
    case "issue":
    case "retag":
    case "configure":
    case "rename":
    case "delete":
    case "dissociate":
    case "unclaim":
      return "foreign";
  }
}

function verdictOfOnboarding(
  step: UnrecordedStep,
  seen: SeenDevice,
  jobs: readonly SeenJob[],
  areListed: boolean,
): Verdict {
  const createdAt = timeOf(seen.createdAt);
  if (createdAt === undefined) return "doubt";
  const started = timeOf(step.at) ?? createdAt;
  const verdicts = jobs.map((job) => verdictOfJob(job, step, seen.id, createdAt));
  // An accepted job that the list does not show may have onboarded the device.
  const isHidden = step.jobIds.some((id) => !jobs.some((job) => job.id === id));
  // So may a job whose acceptance was not received, if the API does not list jobs.
  const mayBeUnknown = !areListed && step.jobIds.length === 0 && !(createdAt < started - GRANULARITY_MS);
  return strongest([...verdicts, isHidden || mayBeUnknown ? "doubt" : "foreign"]);
}

function verdictOfJob(job: SeenJob, step: UnrecordedStep, id: string, createdAt: number): Verdict {
  const isLogged = step.jobIds.includes(job.id);
  const sent = job.rows?.get(id);
  // If the fingerprint is unknown, it is enough that a logged job has the row.
  const isSame =
    sent !== undefined && (sent === step.fingerprint || (isLogged && step.fingerprint === undefined));
  const isOurs = isLogged || isSame;
  const isOthers = job.isOnlyLogged === true ? !isLogged : job.rows !== undefined && !isSame;
  if (isOthers || job.refused?.has(id) === true) return "foreign";
  const from = timeOf(job.requestedAt);
  const to = timeOf(job.isOnlyLogged === true ? endSeen(step) : job.completedAt);
  const isTooEarly = from !== undefined && createdAt < from - GRANULARITY_MS;
  const isTooLate = to !== undefined && createdAt > to + GRANULARITY_MS;
  if (isTooEarly || isTooLate) return "foreign";
  const hasEnded = job.status === "SUCCEEDED" || job.status === "FAILED";
  if (isOurs && !hasEnded && timeOf(job.completedAt) === undefined) return "running";
  const isSoon = job.isOnlyLogged === true && from !== undefined && createdAt <= from + TAKES_AT_MOST_MS;
  const isConclusive = from !== undefined && (to !== undefined || isSoon) && job.refused !== undefined;
  return isOurs && isConclusive ? "ours" : "doubt";
}

/** When the run saw the job of a step succeed; `undefined` if it gave up or was killed before. */
function endSeen({ ended }: UnrecordedStep): string | undefined {
  return ended?.outcome === "done" ? ended.at : undefined;
}

function verdictOfClaim({ at }: UnrecordedStep, seen: SeenDevice): Verdict {
  const [from, claimedAt] = [timeOf(at), timeOf(seen.createdAt)];
  if (from === undefined || claimedAt === undefined) return "doubt";
  return claimedAt >= from - GRANULARITY_MS && claimedAt <= from + TAKES_AT_MOST_MS ? "ours" : "foreign";
}

function strongest(verdicts: readonly Verdict[]): Verdict {
  return (["ours", "running", "doubt"] as const).find((verdict) => verdicts.includes(verdict)) ?? "foreign";
}

/** Milliseconds; `undefined` for an invalid time. */
function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : time;
}
