import { CloudError, mayHaveTakenEffect } from "../../../cloud/errors.js";
import { isInternal } from "../../../cloud/refusal.js";
import { RUN_AGAIN } from "../../../cloud/remedies.js";
import type { Outcome } from "../../../cloud/reliably.js";
import { asError } from "../../../engine/errors.js";
import type { RowRun } from "../rowRun.js";
import { isTaken, refusalText } from "../words.js";

/** Records how a bulk call ended for one row. */
export async function noteOutcome(
  row: RowRun,
  kind: "onboard" | "register" | "claim",
  sent: Promise<Outcome & { jobId?: string | undefined }>,
): Promise<void> {
  try {
    const outcome = await sent;
    row.jobId = outcome.jobId ?? row.jobId;
    switch (outcome.kind) {
      case "done":
        row.succeed(kind);
        return;
      case "refused":
        // A proxy may have sent the request twice, so that the first of the two created the device.
        row.fail(
          refusalText(kind, outcome.reason, isInternal(outcome.reason) ? RUN_AGAIN : undefined),
          !outcome.nothingDone || isTaken(outcome.reason),
        );
        return;
      case "failed":
        row.fail(textOf(outcome.error), mayHaveTakenEffect(outcome.error));
    }
  } catch (thrown) {
    row.fail(textOf(thrown), mayHaveTakenEffect(thrown));
  }
}

/** The message without its device, so that the same failure of many devices is reported once. */
export function textOf(thrown: unknown): string {
  if (!(thrown instanceof CloudError)) return asError(thrown).message;
  const remedy = thrown.message.slice(thrown.message.indexOf("\n") + 1);
  return `${thrown.asked.operation}: ${thrown.problem} ${remedy}`;
}
