import * as say from "../finding.js";
import type { RowSituation } from "../situation.js";
import { removalOf } from "../step.js";
import { isAnother } from "./another.js";
import { type RowPlan, SAME } from "./rowPlan.js";

/** What becomes of a retired device that is gone, or whose term is over; `undefined` where it changes like any other. */
export function planRetired({ record, seen, log, retirement }: RowSituation): RowPlan | undefined {
  if (retirement?.kind === "gone") return SAME;
  if (log?.verdict === "running" || seen?.kind === "hidden") return undefined;
  if (record === undefined)
    return seen?.kind === "present" ? undefined : { ...SAME, findings: [say.keep(say.RETIRED_ABSENT)] };
  const gone = { then: "retired", outcome: "done" } as const;
  const before = record.row;
  if (seen?.kind === "absent" || (before === undefined && seen === undefined)) {
    return { ...gone, change: { kind: "same" }, steps: [], findings: [say.note(say.RETIRED_GONE)] };
  }
  if (retirement?.kind !== "due" || before === undefined || record.outcome.kind === "waiting")
    return undefined;
  if (seen?.kind === "present" && isAnother(seen, record, log)) return undefined;
  const step = removalOf(before);
  if (step === undefined) return undefined;
  return {
    ...gone,
    change: { kind: "remove", before },
    steps: seen === undefined ? [] : [step],
    findings: [say.note(say.RETIRED_OVER)],
  };
}
