import { isUnknown } from "../../../engine/unknown.js";
import { refuse } from "../../../reconcile/plan/finding.js";
import type { TableFinding, TablePlan } from "../../../reconcile/plan/tablePlan.js";
import { dryRun } from "../../../ways/attestation/dryRun.js";
import { bareToken } from "../../../ways/attestation/token.js";
import type { Cloud } from "../../session/session.js";
import { idsByReason } from "../failures.js";
import type { DeclaredTable } from "../table.js";

/** Asks nRF Cloud by a dry run whether each device can be claimed by its token. */
export async function claimFindings(
  cloud: Cloud,
  { materials }: DeclaredTable,
  { rows }: TablePlan,
): Promise<TableFinding[]> {
  if (isUnknown(materials)) return [];
  const claims = [...rows].flatMap(([id, { steps }]) => {
    const token = materials.get(id);
    const isClaimed = steps.some(({ kind }) => kind === "claim") && token !== undefined;
    return isClaimed ? [{ token: bareToken(token), deviceUuid: id, tags: [] }] : [];
  });
  if (claims.length === 0) return [];
  const reasons = await dryRun(cloud.identity(), claims);
  return [...idsByReason(reasons)].map(([reason, ids]) => ({ ...refuse(reason), ids }));
}
