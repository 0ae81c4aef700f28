import type { RowChange } from "./change.js";
import { type Finding, WILL_FAIL } from "./finding.js";
import type { TableFinding, TablePlan } from "./tablePlan.js";
import { rolloutLines } from "./rollout/text.js";
import { devices, idRanges } from "./summary/ids.js";
import { leftOutText, summarize, summaryLines } from "./summary/summary.js";

/** The reasons why a plan must not be carried out. */
export function refusals({ findings }: Pick<TablePlan, "findings">): string[] {
  return findings.filter(({ kind }) => kind === "refuse").map(findingText);
}

/** A finding with its devices, as text. */
export function findingText({ text, ids }: TableFinding): string {
  if (ids.length === 0) return text;
  return `${devices(ids.length)} (${idRanges(ids)}): ${text}`;
}

/** A plan as text for people. `undefined`: the plan changes nothing, and has no findings. */
export function planText(name: string, plan: TablePlan): string | undefined {
  const changes = new Map<string, RowChange>([...plan.rows].map(([id, { change }]) => [id, change]));
  const of = (...kinds: readonly Finding["kind"][]) =>
    plan.findings.filter(({ kind }) => kinds.includes(kind)).map(findingText);
  const lines = [
    ...of("fail").map((text) => `${WILL_FAIL} ${text}`),
    ...summaryLines(summarize(changes)),
    ...rolloutLines(plan.batches),
    ...of("keep", "note").map((text) => `Note: ${text}`),
    ...(plan.leftOut.length === 0 ? [] : [`${leftOutText(plan.leftOut.length)}: ${idRanges(plan.leftOut)}`]),
  ];
  return lines.length === 0 ? undefined : [`${name}:`, ...lines.map((line) => `  ${line}`)].join("\n");
}
