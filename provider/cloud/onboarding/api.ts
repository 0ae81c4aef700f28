import type { JobAccepted } from "../bulk.js";
import type { JobDetails } from "../bulkJobs.js";
import type { Deadlines } from "../deadlines.js";
import type { Onboarding } from "../devices.js";
import type { Outcome } from "../reliably.js";

/**
 * An API that onboards devices, and what it can tell of that afterwards. The device API of a team is one, the API of an organisation the
 * other; nothing outside of this folder knows which.
 */
export interface OnboardingApi {
  /** What people should know before anything is onboarded by it; `undefined` where it is the usual one. */
  readonly remark: string | undefined;
  /** What else to check where a device that it accepted does not show in the account. */
  readonly ifUnseen: string | undefined;
  /** Why it would not take such a device as it is declared, with the remedy; `undefined` where it would. */
  refusalOf(device: OnboardingTraits): string | undefined;
  /**
   * Onboards up to 1,000 devices, none of which is in the account, by one job whose end is waited for.
   * @param accepted told of the job before its end is waited for
   * @returns one outcome a device, in the order given
   */
  onboard(
    devices: readonly Onboarding[],
    deadlines: Deadlines,
    accepted: JobAccepted,
  ): Promise<readonly Outcome[]>;
  /** Whether `jobs` knows every job, also one whose acceptance was never heard of. */
  readonly listsJobs: boolean;
  /** When a job was requested, by the service's clock (ISO 8601); `undefined` where that can't be known. */
  requestedAt(jobId: string): Promise<string | undefined>;
  /** The jobs that may have brought a device: all that were requested since then, as far as they are listed, and these. */
  jobs(search: JobSearch): Promise<readonly JobDetails[]>;
  /** Waits until jobs of earlier runs have ended, as far as they are listed, and these. */
  earlierJobsEnded(jobIds: readonly string[], withinMs: number): Promise<void>;
}

/** What an API may not take of a device. */
export interface OnboardingTraits extends Pick<Onboarding, "subType" | "tags" | "firmwareTypes"> {
  /** Whether it is onboarded with a public key in place of a certificate. */
  readonly isPublicKey: boolean;
}

export interface JobSearch {
  /** By the service's clock. */
  readonly since: Date;
  /** Jobs that the log or the state knows. */
  readonly jobIds: readonly string[];
}
