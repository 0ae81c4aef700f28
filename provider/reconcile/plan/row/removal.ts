import type { RowRecord } from "../../table/record.js";
import type { RowChange } from "../change.js";
import * as finding from "../finding.js";
import type { RowSituation } from "../situation.js";
import { removalOf } from "../step.js";
import { isForeign } from "./foreign.js";
import { HIDDEN, type RowPlan, SAME, UNDER_WAY } from "./rowPlan.js";

/** Plans a row that only the journal has: the orphan of an interrupted run. */
export function planOrphan({ seen, log }: RowSituation): RowPlan {
  if (log?.row === undefined || seen?.kind !== "present" || log.verdict === "foreign") return SAME;
  if (log.verdict === "running") return UNDER_WAY;
  if (log.verdict === "doubt") return { ...SAME, findings: [finding.keep(finding.DOUBT)] };
  const step = removalOf(log.row);
  if (step === undefined) return SAME;
  return {
    change: { kind: "remove", before: log.row },
    steps: [step],
    findings: [finding.note(finding.ORPHANS)],
    then: "nothing",
    outcome: "done",
  };
}

export function planRemoval(situation: RowSituation, record: RowRecord): RowPlan {
  const { seen, log } = situation;
  const before = record.row;
  const removed = { then: "nothing", outcome: "done", findings: [] } as const;
  if (before === undefined) {
    const late = planOrphan(situation);
    if (late.steps.length > 0) return late;
    return { ...removed, change: { kind: "same" }, steps: [], findings: late.findings };
  }
  const change: RowChange = { kind: "remove", before };
  if (seen?.kind === "hidden") return HIDDEN;
  const step = removalOf(before);
  // This stack has not claimed a device that waits for its first connect.
  const waits = record.outcome.kind === "waiting" && log?.verdict !== "ours";
  if (step === undefined || waits || seen?.kind !== "present") return { ...removed, change, steps: [] };
  if (isForeign(seen, record, log)) {
    return { ...removed, change: { kind: "same" }, steps: [], findings: [finding.keep(finding.REPLACED)] };
  }
  return { ...removed, change, steps: [step] };
}
