import { earlierJobsEnded } from "../cloud/bulkJobs.js";
import { RefusedError } from "../cloud/errors.js";
import { ExpectedError } from "../engine/errors.js";
import { notice } from "../engine/notices.js";
import { didNothing } from "./didNothing.js";
import { perSession } from "./perSession.js";
import type { Session } from "./session.js";

/** What a job of an earlier run has applied shows within this time. */
const SHOWS_WITHIN_MS = 10_000;

/**
 * Waits until the bulk jobs of earlier runs have ended, once an operation, and gives whether all of them have. To be called before a device is touched that such
 * a run left half done: a job that is applied after ours would give the device a certificate whose key is lost.
 */
export function earlierJobs(open: Session): Promise<boolean> {
  return onceEach(open)();
}

/** Waits until a device that an earlier run onboarded shows, which takes a few seconds; or does not. */
export async function untilSeen({ watch, deadlines }: Session, deviceId: string): Promise<void> {
  const withinMs = Math.min(SHOWS_WITHIN_MS, deadlines.readbackMs);
  const notSeen = () => new ExpectedError("not seen");
  await watch.wait(deviceId, (seen) => seen !== undefined, withinMs, notSeen).catch(() => undefined);
}

const onceEach = perSession((open) => {
  let wait: Promise<boolean> | undefined;
  return () => (wait ??= waitForThem(open));
});

async function waitForThem({ transport, deadlines }: Session): Promise<boolean> {
  const left = await earlierJobsEnded(transport, deadlines.bulkMs).catch((error: unknown) => {
    // Who may not look at jobs can still go on, as before there was anything to wait for.
    if (error instanceof RefusedError && didNothing(error)) return [];
    throw error;
  });
  for (const jobId of left) {
    notice({
      subject: `Job ${jobId}`,
      text:
        "of an earlier run or of somebody else has not ended in time and is no longer waited for. If it is applied after all, " +
        "devices in it may get an earlier certificate.",
    });
  }
  return left.length === 0;
}
