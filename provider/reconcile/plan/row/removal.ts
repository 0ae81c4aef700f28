import type { RowRecord } from "../../table/record.js";
import type { RowChange } from "../change.js";
import * as say from "../finding.js";
import type { RowSituation } from "../situation.js";
import { removalOf } from "../step.js";
import { isAnother } from "./another.js";
import { type RowPlan, SAME } from "./rowPlan.js";

/** An orphan of an interrupted run: nothing declares it, and the state does not have it. */
export function planOrphan({ seen, log }: RowSituation): RowPlan {
  if (log?.row === undefined || seen?.kind !== "present" || log.verdict === "foreign") return SAME;
  if (log.verdict === "running") return { ...SAME, findings: [say.keep(say.UNDER_WAY)] };
  if (log.verdict === "doubt") return { ...SAME, findings: [say.keep(say.DOUBT)] };
  const step = removalOf(log.row);
  if (step === undefined) return SAME;
  return {
    change: { kind: "remove", before: log.row },
    steps: [step],
    findings: [say.note(say.ORPHANS)],
    then: "nothing",
    outcome: "done",
  };
}

export function planRemoval(situation: RowSituation, record: RowRecord): RowPlan {
  const { seen, log } = situation;
  const before = record.row;
  const gone = { then: "nothing", outcome: "done", findings: [] } as const;
  if (before === undefined) {
    // By the state, the device was never created.
    const late = planOrphan(situation);
    if (late.steps.length > 0) return late;
    return { ...gone, change: { kind: "same" }, steps: [], findings: late.findings };
  }
  const change: RowChange = { kind: "remove", before };
  if (seen?.kind === "hidden") {
    const findings = [say.keep(say.HIDDEN)];
    return { change: { kind: "same" }, steps: [], findings, then: "as it was", outcome: "hidden" };
  }
  const step = removalOf(before);
  // What waits for its first connect was never claimed by this stack.
  const waits = record.outcome.kind === "waiting" && log?.verdict !== "ours";
  if (step === undefined || waits || seen?.kind !== "present") return { ...gone, change, steps: [] };
  if (isAnother(seen, record, log)) {
    return { ...gone, change: { kind: "same" }, steps: [], findings: [say.keep(say.REPLACED)] };
  }
  return { ...gone, change, steps: [step] };
}
