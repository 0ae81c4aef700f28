import { fail, note, refuse } from "../../../reconcile/plan/finding.js";
import { devices } from "../../../reconcile/plan/summary/ids.js";
import type { Observations, TableFinding, TablePlan } from "../../../reconcile/plan/tablePlan.js";
import type { Cloud } from "../../session/session.js";
import { idsByReason } from "../failures.js";
import type { DeclaredTable, RecordedTable } from "../table.js";

/** Compares the number of devices with the limit of the team's plan, where nRF Cloud says it. */
export function planLimitFindings(
  { account }: Cloud,
  { records }: Pick<RecordedTable, "records">,
  { rows, leaving }: TablePlan,
  { seen }: Observations,
): TableFinding[] {
  const limit = account.plan?.limits?.devices;
  if (limit === undefined) return [];
  const arriving = [...rows]
    .filter(
      ([id, { steps }]) => steps.some(({ kind }) => kind === "onboard") && seen.get(id)?.kind !== "present",
    )
    .map(([id]) => id);
  const coming = new Set(arriving);
  const present = [...records].filter(
    ([id, { row, outcome }]) => row !== undefined && outcome.kind !== "waiting" && !coming.has(id),
  );
  const most = present.length + arriving.length;
  if (arriving.length === 0 || most <= limit) return [];
  const deleted = leaving.filter((id) => rows.get(id)?.change.kind === "remove");
  const remedy =
    most - deleted.length <= limit
      ? `nRF Cloud deletes ${devices(deleted.length)} only afterwards: delete them in an apply before.`
      : "Remove devices, or change the plan.";
  const text = `The team's plan allows ${devices(limit)}, and this stack would have ${most.toLocaleString("en")}. ${remedy}`;
  return [{ ...fail(text), ids: [] }];
}

/** Rows that the API for onboarding would refuse, and the remark about an API that is not the usual one. */
export function onboardingFindings(
  { onboarding }: Pick<Cloud, "onboarding">,
  { declared }: Pick<DeclaredTable, "declared">,
  { rows }: Pick<TablePlan, "rows">,
): TableFinding[] {
  const refused = new Map<string, string>();
  const taken: string[] = [];
  for (const [id, { steps }] of rows) {
    const row = declared.get(id);
    if (row?.way !== "preconnect" || !steps.some(({ kind }) => kind === "onboard")) continue;
    const reason = onboarding.refusalOf({ ...row, isPublicKey: row.credential.kind === "publicKey" });
    if (reason === undefined) taken.push(id);
    else refused.set(id, reason);
  }
  return [
    ...[...idsByReason(refused)].map(([reason, ids]) => ({ ...refuse(reason), ids })),
    ...(onboarding.remark === undefined || taken.length === 0
      ? []
      : [{ ...note(onboarding.remark), ids: taken }]),
  ];
}
