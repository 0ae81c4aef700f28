import { orderKey } from "../../../cloud/keyOrders.js";
import { mayHaveTakenEffect } from "../../../cloud/errors.js";
import { bareToken } from "../../../ways/attestation/token.js";
import { loggedRow, noneEnded, rowsTo, type Batch } from "./batch.js";
import { noteOutcome, textOf } from "./outcome.js";

/** Claims devices by their attestation tokens. */
export async function claim(batch: Batch): Promise<void> {
  const rows = rowsTo("claim", batch.rows);
  await Promise.all(
    rows.map((row) => {
      const token = bareToken(batch.materials.get(row.id) ?? "");
      const item = { token, deviceUuid: row.id, tags: row.declared?.tags ?? [] };
      const { calls, log } = batch.context;
      return noteOutcome(row, "claim", calls.claim.add({ item, logged: loggedRow(row), log }));
    }),
  );
}

/** Orders claimed devices to generate new keys, with one command for each. */
export async function renewKeys(batch: Batch): Promise<void> {
  const rows = rowsTo("renew", batch.rows);
  if (rows.length === 0) return;
  const { cloud, log, progress } = batch.context;
  const meter = progress.step("renew", rows.length);
  await Promise.all(
    rows.map(async (row) => {
      const { declared } = row;
      if (declared?.way !== "attestation") return;
      const { generation } = declared.rotation;
      // Each command gets its own line, so that the journal has its id as soon as it is known.
      const started = log.start("renew", [loggedRow(row)]);
      const ended = noneEnded();
      try {
        row.command = await orderKey(cloud.identity(), row.id, declared.securityTag, generation);
        started.accepted(row.command);
        row.rotatedAt = cloud.transport.serverTime().toISOString();
        row.succeed("renew");
        ended.done.push(row.id);
      } catch (thrown) {
        const isUnsettled = mayHaveTakenEffect(thrown);
        if (isUnsettled) {
          // nRF Cloud may have the order. The empty id makes the next run read the orders before it gives another.
          row.command = "";
          row.succeed("renew");
        }
        row.fail(textOf(thrown));
        ended[isUnsettled ? "unsettled" : "refused"].push(row.id);
      }
      started.ended(ended);
      meter.done(1);
    }),
  );
  meter.end();
}
