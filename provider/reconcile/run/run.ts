import { compareRows } from "../plan/change.js";
import type { Observations, TablePlan } from "../plan/tablePlan.js";
import { mustStop, type Tally } from "../plan/rollout/tally.js";
import type { RolloutPart } from "../plan/rollout/batches.js";
import type { Records, RowRecord } from "../table/record.js";
import type { Row } from "../table/row.js";
import { recordAfter } from "./record/recordAfter.js";
import { RowRun } from "./rowRun.js";
import type { Batch, RunContext } from "./steps/batch.js";
import { onboard, register } from "./steps/bulk.js";
import { claim, renewKeys } from "./steps/claims.js";
import { configure } from "./steps/configure.js";
import { confirmArrivals } from "./steps/confirm.js";
import { certify, issueNext, takeLogged } from "./steps/credentials.js";
import { associateDevices, issueJitp } from "./steps/jitp.js";
import { remove } from "./steps/remove.js";
import { changeSettings } from "./steps/settings.js";

export interface Order {
  readonly plan: TablePlan;
  readonly declared: ReadonlyMap<string, Row>;
  /** What devices bring: PEM texts, ownership codes, tokens. Secret. */
  readonly materials: ReadonlyMap<string, string>;
  readonly recorded: Records;
  readonly observations: Observations;
}

export interface TableOutcome {
  readonly records: Records;
  /** The reasons of failed rows. */
  readonly failures: ReadonlyMap<string, string>;
  /** `undefined`: the run attempted all rows. */
  readonly stopped: Stopped | undefined;
  /** Root of nRF Cloud's MQTT server (PEM), where nRF Cloud issued certificates. */
  readonly serverCa: string | undefined;
}

/** A run that stopped between two batches. */
export interface Stopped {
  /** The roll-out in which too many rows failed. `undefined`: the user interrupted the run. */
  readonly failed: { readonly part: RolloutPart; readonly tally: Tally } | undefined;
  /** The rows that were not attempted, in the order of their change. */
  readonly rest: readonly string[];
}

/**
 * Carries out a plan, batch by batch. In each batch deletions for replacements come first, then creations, updates, and the other deletions.
 * Each attempted row gets an outcome. The others keep their records.
 */
export async function runTable(context: RunContext, order: Order): Promise<TableOutcome> {
  const { plan, declared, recorded, observations } = order;
  const records = new Map<string, RowRecord>(recorded);
  for (const [id, record] of recorded) {
    const row = declared.get(id);
    // Rows that differ only in the order of their tags are recorded as they are declared.
    if (row !== undefined && record.row !== undefined && compareRows(record.row, row).kind === "same")
      records.set(id, { ...record, row });
  }
  const failures = new Map<string, string>();
  const tallies = new Map<RolloutPart, Tally>();
  const { batches } = plan;
  const now = context.clock.now();
  let serverCa: string | undefined;
  for (const [i, { ids, part }] of batches.entries()) {
    const rows = ids.flatMap((id) => {
      const rowPlan = plan.rows.get(id);
      if (rowPlan === undefined) return [];
      const { log, seen } = observations;
      return [new RowRun(id, rowPlan, declared.get(id), recorded.get(id), log.get(id), seen.get(id), now)];
    });
    if (batches.length > 1) context.progress.batch({ number: i + 1, of: batches.length });
    serverCa = (await runBatch({ context, materials: order.materials, rows })) ?? serverCa;
    for (const row of rows) {
      const record = recordAfter(row);
      if (record === undefined) records.delete(row.id);
      else records.set(row.id, record);
      if (row.failed !== undefined) failures.set(row.id, row.failed);
    }
    if (i === batches.length - 1) break;
    const failed = part && tooManyFailed(part, rows, tallies);
    if (failed === undefined && !context.isStopped()) continue;
    const rest = batches.slice(i + 1).flatMap((batch) => batch.ids);
    return { records, failures, stopped: { failed, rest }, serverCa };
  }
  return { records, failures, stopped: undefined, serverCa };
}

/** Counts the rows of a batch, and says whether the roll-out must stop. */
function tooManyFailed(
  part: RolloutPart,
  rows: readonly RowRun[],
  tallies: Map<RolloutPart, Tally>,
): Stopped["failed"] {
  const { tried, failed } = tallies.get(part) ?? { tried: 0, failed: 0 };
  const tally = {
    tried: tried + rows.length,
    failed: failed + rows.filter((row) => row.failed !== undefined).length,
  };
  tallies.set(part, tally);
  return mustStop(part.rollout, tally) ? { part, tally } : undefined;
}

/**
 * Carries out the steps of the rows of one batch.
 *
 * @returns root of nRF Cloud's MQTT server (PEM), where nRF Cloud issued certificates
 */
async function runBatch(batch: Batch): Promise<string | undefined> {
  const { rows } = batch;
  for (const row of rows) takeLogged(batch, row);
  const replaced = rows.filter((row) => row.has("onboard"));
  // A device for which no certificate can be issued must not be deleted.
  await certify(batch, "onboard", replaced.filter(isRemoved));
  await remove(batch, replaced);
  const serverCa = await issueJitp(batch);
  await issueNext(batch);
  await onboard(batch);
  await register(batch);
  await claim(batch);
  await renewKeys(batch);
  await associateDevices(batch);
  await confirmArrivals(batch);
  await changeSettings(batch, "rename");
  await changeSettings(batch, "retag");
  await configure(batch);
  await remove(
    batch,
    rows.filter((row) => !row.has("onboard")),
  );
  return serverCa;
}

/** Whether the run deletes or releases the device before it creates it again. */
function isRemoved(row: RowRun): boolean {
  return (["delete", "dissociate", "unclaim"] as const).some((kind) => row.has(kind));
}
