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
/** A claim that was not answered was made within this time, or not at all. */
const CLAIM_WITHIN_MS = 60_000;

/**
 * Whether a device in the account is the one that an interrupted run was about to create.
 *
 * Onboarded: a job of ours has its row, has ended without refusing it, and was running when the device was created. As long as a job
 * runs, somebody else may have onboarded the device meanwhile. Claimed by token: the step ended well, or the device was claimed within a
 * minute of it. Claimed by code: the step ended well; otherwise it is in doubt. A refused step created nothing.
 */
export function judge({ steps }: Unrecorded, seen: SeenDevice, jobs: readonly SeenJob[]): Verdict {
  return worthMost(steps.map((step) => judgeStep(step, seen, jobs)));
}

function judgeStep(step: UnrecordedStep, seen: SeenDevice, jobs: readonly SeenJob[]): Verdict {
  if (step.ended?.outcome === "refused") return "foreign";
  const isDone = step.ended?.outcome === "done";
  switch (step.step) {
    case "onboard":
      return judgeOnboarding(step, seen, jobs);
    case "claim":
      return isDone ? "ours" : judgeClaim(step, seen);
    case "associate":
      return isDone ? "ours" : "doubt";
    case "register":
    case "issue":
    case "retag":
    case "rename":
    case "delete":
    case "dissociate":
    case "unclaim":
      return "foreign";
  }
}

function judgeOnboarding(step: UnrecordedStep, seen: SeenDevice, jobs: readonly SeenJob[]): Verdict {
  const createdAt = timeOf(seen.createdAt);
  if (createdAt === undefined) return "doubt";
  const verdicts = jobs.map((job) => judgeJob(job, step, seen.id, createdAt));
  // A job that nRF Cloud accepted and that its list does not show may have been the one.
  const isHidden = step.jobIds.some((id) => !jobs.some((job) => job.id === id));
  return worthMost([...verdicts, isHidden ? "doubt" : "foreign"]);
}

function judgeJob(job: SeenJob, step: UnrecordedStep, id: string, createdAt: number): Verdict {
  const isLogged = step.jobIds.includes(job.id);
  const sent = job.rows?.get(id);
  // Where no fingerprint is known, a job that is known to be ours need only have the row.
  const isSame =
    sent !== undefined && (sent === step.fingerprint || (isLogged && step.fingerprint === undefined));
  const isOurs = isLogged || isSame;
  const isOthers = job.rows !== undefined && !isSame;
  if (isOthers || job.refused?.has(id) === true) return "foreign";
  const [from, to] = [timeOf(job.requestedAt), timeOf(job.completedAt)];
  const isTooEarly = from !== undefined && createdAt < from - GRANULARITY_MS;
  const isTooLate = to !== undefined && createdAt > to + GRANULARITY_MS;
  if (isTooEarly || isTooLate) return "foreign";
  const hasEnded = job.status === "SUCCEEDED" || job.status === "FAILED";
  if (isOurs && !hasEnded && to === undefined) return "running";
  const isTold = from !== undefined && to !== undefined && job.refused !== undefined;
  return isOurs && isTold ? "ours" : "doubt";
}

function judgeClaim({ at }: UnrecordedStep, seen: SeenDevice): Verdict {
  const [from, claimedAt] = [timeOf(at), timeOf(seen.createdAt)];
  if (from === undefined || claimedAt === undefined) return "doubt";
  return claimedAt >= from - GRANULARITY_MS && claimedAt <= from + CLAIM_WITHIN_MS ? "ours" : "foreign";
}

function worthMost(verdicts: readonly Verdict[]): Verdict {
  return (["ours", "running", "doubt"] as const).find((verdict) => verdicts.includes(verdict)) ?? "foreign";
}

/** Milliseconds; `undefined` for what is no time. */
function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : time;
}
