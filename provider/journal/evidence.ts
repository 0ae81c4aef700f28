import type { Unrecorded, UnrecordedStep } from "./unrecorded.js";

/** A bulk job of the team that onboards devices, as far as it is evidence. All times are the service's (ISO 8601). */
export interface SeenJob {
  readonly id: string;
  readonly status: string;
  readonly requestedAt: string | undefined;
  readonly completedAt: string | undefined;
  /** Fingerprint of the credential that each device was sent with; `undefined` where the file can't be read. */
  readonly rows: ReadonlyMap<string, string> | undefined;
  /** Devices whose rows were refused; `undefined` where that is not known. */
  readonly refused: ReadonlySet<string> | undefined;
  /** Its API neither lists it nor tells when it ended and which rows it had: only the log knows of it. */
  readonly isOfLog?: true;
}

/** `running`: a job of ours has the row and has not ended, so that it is too early to say. */
export type Verdict = "ours" | "foreign" | "doubt" | "running";

/** A device, or a claim, in the account. `createdAt`: of a claim, when it was claimed. */
interface SeenDevice {
  readonly id: string;
  readonly createdAt: string | undefined;
}

/** Clocks with a resolution of a second. */
const GRANULARITY_MS = 1_000;
/** What is not known to have ended counts as done within this time, or as not done by us. */
const TAKES_AT_MOST_MS = 60_000;

/**
 * Whether a device in the account is the one that an interrupted run was about to create.
 *
 * Onboarded: a job of ours has its row, has ended without refusing it, and was running when the device was created. As long as a job
 * runs, somebody else may have onboarded the device meanwhile. Where only the log knows of a job, its end is that which the run saw; a
 * run that was killed before counts as long as the device was created within a minute of the job. Claimed by token: the step ended well,
 * or the device was claimed within a minute of it. Claimed by code: the step ended well; otherwise it is in doubt. A refused step created
 * nothing.
 *
 * @param areListed whether a job that is not among these does not exist, but for those that the log names
 */
export function verdictOf(
  { steps }: Unrecorded,
  seen: SeenDevice,
  jobs: readonly SeenJob[],
  areListed = true,
): Verdict {
  return worthMost(steps.map((step) => verdictOfStep(step, seen, jobs, areListed)));
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
  // A job that nRF Cloud accepted and that its list does not show may have been the one.
  const isHidden = step.jobIds.some((id) => !jobs.some((job) => job.id === id));
  // Nor can one be found whose acceptance was not heard of, where none are listed.
  const mayBeUnknown = !areListed && step.jobIds.length === 0 && !(createdAt < started - GRANULARITY_MS);
  return worthMost([...verdicts, isHidden || mayBeUnknown ? "doubt" : "foreign"]);
}

function verdictOfJob(job: SeenJob, step: UnrecordedStep, id: string, createdAt: number): Verdict {
  const isLogged = step.jobIds.includes(job.id);
  const sent = job.rows?.get(id);
  // Where no fingerprint is known, a job that is known to be ours need only have the row.
  const isSame =
    sent !== undefined && (sent === step.fingerprint || (isLogged && step.fingerprint === undefined));
  const isOurs = isLogged || isSame;
  const isOthers = job.isOfLog === true ? !isLogged : job.rows !== undefined && !isSame;
  if (isOthers || job.refused?.has(id) === true) return "foreign";
  const from = timeOf(job.requestedAt);
  const to = timeOf(job.isOfLog === true ? endSeen(step) : job.completedAt);
  const isTooEarly = from !== undefined && createdAt < from - GRANULARITY_MS;
  const isTooLate = to !== undefined && createdAt > to + GRANULARITY_MS;
  if (isTooEarly || isTooLate) return "foreign";
  const hasEnded = job.status === "SUCCEEDED" || job.status === "FAILED";
  if (isOurs && !hasEnded && timeOf(job.completedAt) === undefined) return "running";
  const isSoon = job.isOfLog === true && from !== undefined && createdAt <= from + TAKES_AT_MOST_MS;
  const isTold = from !== undefined && (to !== undefined || isSoon) && job.refused !== undefined;
  return isOurs && isTold ? "ours" : "doubt";
}

/** When the run saw the job of a step end well; `undefined` where it gave up before, or was killed. */
function endSeen({ ended }: UnrecordedStep): string | undefined {
  return ended?.outcome === "done" ? ended.at : undefined;
}

function verdictOfClaim({ at }: UnrecordedStep, seen: SeenDevice): Verdict {
  const [from, claimedAt] = [timeOf(at), timeOf(seen.createdAt)];
  if (from === undefined || claimedAt === undefined) return "doubt";
  return claimedAt >= from - GRANULARITY_MS && claimedAt <= from + TAKES_AT_MOST_MS ? "ours" : "foreign";
}

function worthMost(verdicts: readonly Verdict[]): Verdict {
  return (["ours", "running", "doubt"] as const).find((verdict) => verdicts.includes(verdict)) ?? "foreign";
}

/** Milliseconds; `undefined` for what is no time. */
function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : time;
}
