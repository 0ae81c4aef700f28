import type { Unrecorded } from "./log.js";

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

/** Clocks that tell no more than seconds. */
const GRANULARITY_MS = 1_000;
/** A claim that was not answered was made within this time, or not at all. */
const CLAIM_WITHIN_MS = 60_000;

/**
 * Whether a device in the account is the one that an interrupted run was about to bring there.
 *
 * Onboarded: a job of ours has its row, has ended without refusing it, and was running when the device was created. As long as a job
 * runs, somebody else may have onboarded the device meanwhile. Claimed by token: the step ended
 * well, or the device was claimed within a minute of it. Claimed by code: the step ended well; otherwise it can't be told.
 */
export function judge(
  { steps }: Unrecorded,
  seen: { readonly id: string; readonly createdAt: string | undefined },
  jobs: readonly SeenJob[],
): Verdict {
  const verdicts = steps.flatMap((step): Verdict[] => {
    const done = step.ended?.outcome === "done";
    switch (step.step) {
      case "onboard":
        return [judgeOnboarding(step, seen, jobs)];
      case "claim":
        return [done || wasClaimedThen(step.at, seen.createdAt) ? "ours" : "foreign"];
      case "associate":
        return [done ? "ours" : step.ended?.outcome === "refused" ? "foreign" : "doubt"];
      case "register":
      case "issue":
      case "retag":
      case "rename":
      case "delete":
      case "dissociate":
      case "unclaim":
        return [];
    }
  });
  if (verdicts.includes("ours")) return "ours";
  if (verdicts.includes("running")) return "running";
  return verdicts.includes("doubt") ? "doubt" : "foreign";
}

function judgeOnboarding(
  step: Unrecorded["steps"][number],
  seen: { readonly id: string; readonly createdAt: string | undefined },
  jobs: readonly SeenJob[],
): Verdict {
  if (seen.createdAt === undefined) return "doubt";
  const createdAt = Date.parse(seen.createdAt);
  let doubt = false;
  for (const job of jobs) {
    const isLogged = step.jobIds.includes(job.id);
    const sent = job.rows?.get(seen.id);
    if (!isLogged && sent !== undefined && sent !== step.fingerprint) continue;
    if (!isLogged && job.rows !== undefined && sent === undefined) continue;
    const from = Date.parse(job.requestedAt ?? "");
    const hasEnded = job.completedAt !== undefined;
    const to = hasEnded ? Date.parse(job.completedAt) : Infinity;
    const isThen = createdAt >= from - GRANULARITY_MS && createdAt <= to + GRANULARITY_MS;
    if (!isThen) continue;
    if (job.rows === undefined && !isLogged) doubt = true;
    else if (!hasEnded) return "running";
    else if (job.refused === undefined) doubt = true;
    else if (!job.refused.has(seen.id)) return "ours";
  }
  return doubt ? "doubt" : "foreign";
}

function wasClaimedThen(at: string, claimedAt: string | undefined): boolean {
  if (claimedAt === undefined) return false;
  const late = Date.parse(claimedAt) - Date.parse(at);
  return late >= -GRANULARITY_MS && late <= CLAIM_WITHIN_MS;
}
