import { dissociateDevice } from "../../../cloud/association.js";
import { unclaimDevice } from "../../../cloud/claimedDevices.js";
import { deleteDevice } from "../../../cloud/devices.js";
import type { RowRun } from "../rowRun.js";
import { watch } from "../watch.js";
import { tooLate } from "../words.js";
import { rowsTo, type Batch } from "./batch.js";
import { singly } from "./singly.js";

/** Deletes, releases or unclaims devices, and waits until the account does not show them any more. */
export async function remove(batch: Batch, rows: readonly RowRun[]): Promise<void> {
  const { transport } = batch.context.cloud;
  await removeBy(batch, rows, "delete", (id) => deleteDevice(transport, id), false);
  await removeBy(batch, rows, "dissociate", (id) => dissociateDevice(transport, id), false);
  await removeBy(batch, rows, "unclaim", (id) => unclaimDevice(batch.context.cloud.identity(), id), true);
}

async function removeBy(
  batch: Batch,
  candidates: readonly RowRun[],
  kind: "delete" | "dissociate" | "unclaim",
  call: (id: string) => Promise<void>,
  isClaim: boolean,
): Promise<void> {
  const rows = rowsTo(kind, candidates);
  if (rows.length === 0) return;
  await singly(batch, rows, kind, kind, call, async (sent) => {
    const late = await watch(batch.context, {
      ids: sent.map(({ id }) => id),
      isClaim,
      expects: "absent",
      until: (_, seen) => seen === undefined,
    });
    for (const row of sent)
      if (late.has(row.id)) row.fail(tooLate(batch.context.cloud.deadlines, "to leave the account"));
  });
}
