import { isSince, lastReports } from "../../cloud/devices.js";
import { isUnknown } from "../../engine/unknown.js";
import type { RedoLog } from "../../journal/log.js";
import {
  fail,
  keep,
  note,
  refuse,
  REPORTED,
  RETIRED_KEEPS_CREDENTIAL,
  SILENT,
} from "../../reconcile/plan/finding.js";
import type { Observations, TableFinding, TablePlan } from "../../reconcile/plan/planTable.js";
import type { Field } from "../../reconcile/plan/change.js";
import { devices } from "../../reconcile/plan/summary.js";
import { generationsOf, orderedBy } from "../../reconcile/plan/turn.js";
import { bareToken } from "../../ways/attestation/token.js";
import { dryRun } from "../../ways/attestation/dryRun.js";
import type { Cloud } from "../session/session.js";
import { idsByReason } from "./failures.js";
import type { DeclaredTable, RecordedTable } from "./tables.js";

/** Findings of the redo log itself: unreadable or missing lines, and a state that is older than the log. */
export function logFindings(log: RedoLog, { revision }: Pick<RecordedTable, "revision">): TableFinding[] {
  const findings: TableFinding[] = [];
  if (log.unreadable) {
    findings.push({
      ...note(
        `The journal ${log.file} has lines that this stack's key can't open. They have no effect. If the file is from a pull request ` +
          "or another stack, delete it.",
      ),
      ids: [],
    });
  }
  if (log.torn) {
    findings.push({
      ...note(
        `The journal ${log.file} lacks lines: something cut or damaged it. The provider uses what is left, and may not know all devices of ` +
          "an interrupted run. Restore the file if you have a copy.",
      ),
      ids: [],
    });
  }
  const older = log.olderThan(revision);
  if (older !== undefined) {
    findings.push({
      ...keep(
        `The state has revision ${revision}, but the journal has ${older.latest}: the state is older. Its keys may no longer be those of these ` +
          "devices. Restore a later state, or issue new certificates by another generation (`rotation`).",
      ),
      ids: older.idsChangedSince,
    });
  }
  return findings;
}

/** Whether the devices that would come fit the team's plan, as far as its answer tells. */
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
  const gone = leaving.filter((id) => rows.get(id)?.change.kind === "remove");
  const remedy =
    most - gone.length <= limit
      ? `nRF Cloud deletes ${devices(gone.length)} only afterwards: delete them in an apply before.`
      : "Remove devices, or change the plan.";
  const text = `The team's plan allows ${devices(limit)}, and this stack would have ${most.toLocaleString("en")}. ${remedy}`;
  return [{ ...fail(text), ids: [] }];
}

/** What the API that onboards devices would not take of those that it is to onboard, and what it is, where it is not the usual one. */
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

/** In a preview the CA may not be known yet: the CA itself reports whether it will be replaced; this reports what that means for devices. */
export function caFindings(
  { ca }: Pick<DeclaredTable, "ca">,
  { records }: Pick<RecordedTable, "records">,
): TableFinding[] {
  if (!isUnknown(ca)) return [];
  const ids = [...records].flatMap(([id, { issuedWith }]) => (issuedWith === undefined ? [] : [id]));
  if (ids.length === 0) return [];
  const text =
    "The CA is not known before `up`. If it is replaced, these devices get new certificates for their keys. They can't connect before " +
    "they have them.";
  return [{ ...note(text), ids }];
}

/** Asks the service whether the devices that are to be claimed by token can be, each by a dry run that claims nothing. */
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

/** Where devices rotate, that the retired ones of the same generation do not: what is taken out of use needs no other credential. */
export function retiredFindings(
  { declared }: Pick<DeclaredTable, "declared">,
  { records }: Pick<RecordedTable, "records">,
  { rows }: Pick<TablePlan, "rows">,
): TableFinding[] {
  const rotates = [...rows.values()].some(
    ({ change }) => change.kind === "update" && change.fields.some((field) => TURNS.has(field)),
  );
  if (!rotates) return [];
  const ids = [...declared].flatMap(([id, row]) => {
    const generation = orderedBy(row)?.rotation.generation;
    const had = generationsOf(records.get(id), records.get(id)?.row)?.generation;
    const isLeftOut = row.retired !== undefined && had !== undefined && generation !== undefined;
    return isLeftOut && generation !== had ? [id] : [];
  });
  return ids.length === 0 ? [] : [{ ...note(RETIRED_KEEPS_CREDENTIAL), ids }];
}

const TURNS: ReadonlySet<Field> = new Set(["rotation", "next", "activation", "return"]);

/**
 * Which devices reported to nRF Cloud since their next credential was issued, or since the one that is to be the only one was activated:
 * by the times in their shadows. Whether a device has its new credential, nRF Cloud can't tell before it is activated.
 */
export async function rotationFindings(
  { transport }: Pick<Cloud, "transport">,
  { records }: Pick<RecordedTable, "records">,
  { rows }: Pick<TablePlan, "rows">,
): Promise<TableFinding[]> {
  const since = new Map<string, string>();
  for (const [id, { change }] of rows) {
    const at = records.get(id)?.rotation?.at;
    const isTurn =
      change.kind === "update" && change.fields.some((field) => field === "activation" || field === "drop");
    if (isTurn && at !== undefined && !Number.isNaN(Date.parse(at))) since.set(id, at);
  }
  if (since.size === 0) return [];
  const reported = await lastReports(transport, [...since.keys()]);
  const heard: string[] = [];
  const silent: string[] = [];
  for (const [id, at] of since) {
    (isSince(reported.get(id), at) ? heard : silent).push(id);
  }
  const findings: TableFinding[] = [];
  if (heard.length > 0) findings.push({ ...note(REPORTED), ids: heard });
  if (silent.length > 0) findings.push({ ...note(SILENT), ids: silent });
  return findings;
}
