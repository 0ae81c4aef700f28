import * as finding from "../finding.js";
import type { RowSituation } from "../situation.js";
import { removalOf } from "../step.js";
import { isForeign } from "./foreign.js";
import { type RowPlan, SAME } from "./rowPlan.js";

/** Plans a retired device that is missing, or whose time is over. `undefined`: it changes like any other row. */
export function planRetired({ record, seen, log, retirement }: RowSituation): RowPlan | undefined {
  if (retirement?.kind === "deleted") return SAME;
  if (log?.verdict === "running" || seen?.kind === "hidden") return undefined;
  if (record === undefined)
    return seen?.kind === "present"
      ? undefined
      : { ...SAME, findings: [finding.keep(finding.RETIRED_ABSENT)] };
  const deleted = { then: "retired", outcome: "done" } as const;
  const before = record.row;
  if (seen?.kind === "absent" || (before === undefined && seen === undefined)) {
    return {
      ...deleted,
      change: { kind: "same" },
      steps: [],
      findings: [finding.note(finding.RETIRED_MISSING)],
    };
  }
  if (retirement?.kind !== "due" || before === undefined || record.outcome.kind === "waiting")
    return undefined;
  if (seen?.kind === "present" && isForeign(seen, record, log)) return undefined;
  const step = removalOf(before);
  if (step === undefined) return undefined;
  return {
    ...deleted,
    change: { kind: "remove", before },
    steps: seen === undefined ? [] : [step],
    findings: [finding.note(finding.RETIRED_OVER)],
  };
}
