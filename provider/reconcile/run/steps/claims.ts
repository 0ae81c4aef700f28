import { orderKey } from "../../../cloud/keyOrders.js";
import { mayHaveTakenEffect } from "../../../cloud/errors.js";
import { bareToken } from "../../../ways/attestation/token.js";
import { loggedRow, noneEnded, rowsTo, type Batch } from "./batch.js";
import { settled, textOf } from "./outcome.js";

/** Claims devices by their attestation tokens. */
export async function claim(batch: Batch): Promise<void> {
  const rows = rowsTo("claim", batch.rows);
  await Promise.all(
    rows.map((row) => {
      const token = bareToken(batch.materials.get(row.id) ?? "");
      const item = { token, deviceUuid: row.id, tags: row.declared?.tags ?? [] };
      const { calls, log } = batch.context;
      return settled(row, "claim", calls.claim.add({ item, logged: loggedRow(row), log }));
    }),
  );
}

/** Orders claimed devices to make new keys, each by a command of its own. */
export async function renewKeys(batch: Batch): Promise<void> {
  const rows = rowsTo("renew", batch.rows);
  if (rows.length === 0) return;
  const { cloud, log, progress } = batch.context;
  const under = progress.step("renew", rows.length);
  await Promise.all(
    rows.map(async (row) => {
      const { declared } = row;
      if (declared?.way !== "attestation") return;
      const { generation } = declared.rotation;
      // The id of a command stands in the log as soon as it is known, so each has a line of its own.
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
          // Whether nRF Cloud has the order is not known, which is recorded: the next run looks before it gives another.
          row.command = "";
          row.succeed("renew");
        }
        row.fail(textOf(thrown));
        ended[isUnsettled ? "unsettled" : "refused"].push(row.id);
      }
      started.ended(ended);
      under.done(1);
    }),
  );
  under.end();
}
