import { DOUBT, TAKEN } from "../../plan/finding.js";
import { settingSteps } from "../../plan/row/settings.js";
import type { Seen } from "../../plan/situation.js";
import type { Step } from "../../plan/step.js";
import type { RowRun } from "../rowRun.js";
import { watch } from "../watch.js";
import { tooLate } from "../words.js";
import type { Batch } from "./batch.js";
import { formerOf } from "./configure.js";

/** Steps that are planned again when the account shows the device. */
const SETTLING: ReadonlySet<Step["kind"]> = new Set(["rename", "retag", "configure"]);

/** The longest time for which a job of this run can be running. */
const JOBS_BACK_MS = 60 * 60_000;

/**
 * Reads created devices back, and verifies that this run created them: the first list may have lagged behind, and not shown a foreign device.
 */
export async function confirmArrivals(batch: Batch): Promise<void> {
  const arrived = batch.rows.filter((row) => row.arrived && row.failed === undefined);
  if (arrived.length === 0) return;
  const meter = batch.context.progress.step("confirm", arrived.length);
  for (const isClaim of [false, true]) {
    const rows = new Map(
      arrived
        .filter(({ declared }) => (declared?.way === "attestation") === isClaim)
        .map((row) => [row.id, row]),
    );
    const late = await watch(batch.context, {
      ids: [...rows.keys()],
      isClaim,
      expects: "present",
      until: (id, seen) => {
        const row = rows.get(id);
        if (seen === undefined || row === undefined || !isAsClaimed(row, seen)) return false;
        row.seen = seen;
        meter.done(1);
        return true;
      },
    });
    for (const id of late) {
      const row = rows.get(id);
      if (row?.seen !== undefined && !row.did("onboard")) continue;
      const { deadlines, onboarding } = batch.context.cloud;
      const elsewhere = row?.did("onboard") === true ? onboarding.hintIfMissing : undefined;
      row?.fail(tooLate(deadlines, "to appear in the account", elsewhere), true);
    }
  }
  await requireOurs(
    batch,
    arrived.filter((row) => row.did("onboard") && row.failed === undefined),
  );
  for (const row of arrived) {
    const { seen, declared, record, plan } = row;
    if (row.failed !== undefined || seen === undefined || declared === undefined) continue;
    const keepsName = record?.keepsName === true || plan.outcome === "adopted";
    const isNew = row.did("onboard") && row.has("rename");
    const settling = settingSteps(seen, declared, {
      keepsName,
      uncertain: new Set(isNew ? ["name" as const] : []),
      former: formerOf(row),
    });
    row.steps = [...row.steps.filter(({ kind }) => !SETTLING.has(kind)), ...settling];
  }
  meter.end();
}

async function requireOurs(batch: Batch, rows: readonly RowRun[]): Promise<void> {
  const { transport, onboarding } = batch.context.cloud;
  const requested = new Map<string, string | undefined>();
  for (const id of new Set(rows.map(({ jobId }) => jobId)))
    if (id !== undefined) requested.set(id, await onboarding.requestedAt(id));
  // If an answer or the result of a job was lost, an earlier job than the last one may have created the device.
  const uncertain = rows.filter(
    ({ jobId, seen }) => jobId === undefined || isOlder(seen?.createdAt, requested.get(jobId)),
  );
  if (uncertain.length === 0) return;
  const since = new Date(transport.serverTime().getTime() - JOBS_BACK_MS);
  const jobs = await onboarding.jobs({ since, jobIds: [] });
  for (const row of uncertain) {
    const sent = jobs.filter(
      ({ credentials, refused }) =>
        credentials?.get(row.id) === row.made?.pem && refused?.has(row.id) !== true,
    );
    const isOurs = sent.some(({ requestedAt }) => !isOlder(row.seen?.createdAt, requestedAt));
    if (!isOurs) failAsForeign(row, sent.length === 0 && row.jobId === undefined ? DOUBT : TAKEN);
  }
}

/** Whether a device existed before a job was requested. The margin of one second is for times without fractions. */
function isOlder(createdAt: string | undefined, requestedAt: string | undefined): boolean {
  return Date.parse(createdAt ?? "") < Date.parse(requestedAt ?? "") - 1000;
}

/** Fails a row whose device is foreign. In doubt its key is kept, because the next run may find evidence. */
function failAsForeign(row: RowRun, reason: string): void {
  row.seen = undefined;
  row.fail(reason, reason === DOUBT);
}

/** The claim sets the sub-type of a just-in-time device, and a list may lag behind. */
function isAsClaimed({ declared }: RowRun, seen: Seen & { kind: "present" }): boolean {
  return declared?.way !== "jitp" || declared.subType === undefined || declared.subType === seen.subType;
}
