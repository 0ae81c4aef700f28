import type { JobAccepted } from "../bulk.js";
import type { JobDetails } from "../bulkJobs.js";
import type { Deadlines } from "../deadlines.js";
import type { Onboarding } from "../devices.js";
import type { Outcome } from "../reliably.js";

/**
 * An API that onboards devices, and shows later how. Either a team's device API or an organization's API; code outside of this folder
 * need not know which.
 */
export interface OnboardingApi {
  /** What users should know before it onboards devices; `undefined` for the usual API. */
  readonly remark: string | undefined;
  /** What else to check if the account does not show an accepted device. */
  readonly hintIfMissing: string | undefined;
  /** Why it can't onboard a device as declared, with the remedy; `undefined` if it can. */
  refusalOf(device: OnboardingTraits): string | undefined;
  /**
   * Onboards up to 1,000 devices that are not in the account, by one job, and waits for its end.
   * @param accepted called with the job before the wait
   * @returns one outcome for each device, in the given order
   */
  onboard(
    devices: readonly Onboarding[],
    deadlines: Deadlines,
    accepted: JobAccepted,
  ): Promise<readonly Outcome[]>;
  /** Whether `jobs` returns all jobs, even those whose acceptance was not received. */
  readonly listsJobs: boolean;
  /** When a job was requested, by the service's clock (ISO 8601); `undefined` if that is unknown. */
  requestedAt(jobId: string): Promise<string | undefined>;
  /** The jobs that may have onboarded a device: these, and all that are listed as requested since then. */
  jobs(search: JobSearch): Promise<readonly JobDetails[]>;
  /** Waits until these jobs and all listed jobs of earlier runs have ended. */
  earlierJobsEnded(jobIds: readonly string[], withinMs: number): Promise<void>;
}

/** The properties of a device that an API may not support. */
export interface OnboardingTraits extends Pick<Onboarding, "subType" | "tags" | "firmwareTypes"> {
  /** Whether it has a public key instead of a certificate. */
  readonly isPublicKey: boolean;
}

export interface JobSearch {
  /** By the service's clock. */
  readonly since: Date;
  /** Jobs in the journal or the state. */
  readonly jobIds: readonly string[];
}
