import { EMPTY_RECORD, type RowOutcome, type RowRecord } from "../../table/record.js";
import type { RowRun } from "../rowRun.js";
import { failedRecord } from "./failed.js";
import { presentRecord } from "./present.js";
import { configAfter } from "./settings.js";

/** The record of a row after a run. `undefined`: the row is removed from the state. */
export function recordAfter(run: RowRun): RowRecord | undefined {
  if (run.failed !== undefined) return failedRecord(run, run.failed);
  const { declared, record, plan } = run;
  if (plan.then === "nothing" || (declared === undefined && record === undefined)) return undefined;
  if (plan.then === "retired") return deletedRecord(run);
  if (declared === undefined || plan.then === "as it was")
    return record && { ...record, outcome: outcomeOf(run, record.outcome) };
  const row = { ...declared, config: configAfter(run, record?.row) };
  return presentRecord(run, declared, row, outcomeOf(run));
}

/** The row of a retired device is kept, so that no later run onboards it again. */
function deletedRecord({ record, now }: RowRun): RowRecord {
  const deletedAt = now.toISOString();
  return { ...EMPTY_RECORD, retiredAt: record?.retiredAt ?? deletedAt, deletedAt };
}

function outcomeOf({ plan, seen, isWaiting }: RowRun, before?: RowOutcome): RowOutcome {
  if (isWaiting) return { kind: "waiting" };
  switch (plan.outcome) {
    case "replaced":
      return { kind: "replaced", createdAt: seen?.createdAt ?? "" };
    case "hidden":
    case "adopted":
    case "renewing":
      return { kind: plan.outcome };
    case "done":
      return before?.kind === "adopted" ? before : { kind: "done" };
  }
}
