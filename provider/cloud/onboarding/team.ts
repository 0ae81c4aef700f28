import { onboardDevices } from "../bulk.js";
import { earlierJobsEnded, jobTimes, onboardingJobsSince } from "../bulkJobs.js";
import type { Transport } from "../transport.js";
import type { OnboardingApi } from "./api.js";

/** Onboarding through a team's device API, which lists its jobs with their rows and times. */
export function teamOnboarding(transport: Transport): OnboardingApi {
  return {
    remark: undefined,
    hintIfMissing: undefined,
    refusalOf: () => undefined,
    onboard: (devices, deadlines, accepted) => onboardDevices(transport, devices, deadlines, accepted),
    listsJobs: true,
    async requestedAt(jobId) {
      return (await jobTimes(transport, jobId))?.requestedAt;
    },
    jobs: ({ since }) => onboardingJobsSince(transport, since),
    async earlierJobsEnded(_, withinMs) {
      await earlierJobsEnded(transport, withinMs);
    },
  };
}
