import { associate } from "../../../ways/jitp/associate.js";
import { issueCertificate } from "../../../ways/jitp/issue.js";
import { NOT_CONNECTED } from "../words.js";
import { loggedRow, noneEnded, rowsTo, type Batch } from "./batch.js";
import { issuedByCloud } from "./credentials.js";

/**
 * Lets nRF Cloud issue the certificates of just-in-time devices.
 *
 * @returns root of nRF Cloud's MQTT server (PEM), where it issued any
 */
export async function issueJitp(batch: Batch): Promise<string | undefined> {
  const rows = rowsTo("issue", batch.rows);
  if (rows.length === 0) return undefined;
  let serverCa: string | undefined;
  const { cloud, log, progress } = batch.context;
  const meter = progress.step("issue", rows.length);
  const started = log.start("issue", rows.map(loggedRow));
  const ended = noneEnded();
  await Promise.all(
    rows.map(async (row) => {
      const code = batch.materials.get(row.id) ?? "";
      const issued = await issueCertificate(cloud.transport, row.id, code, cloud.deadlines);
      meter.done(1);
      if (issued.kind === "failed") {
        row.fail(issued.reason);
        ended[issued.nothingDone ? "refused" : "unsettled"].push(row.id);
        return;
      }
      const { clientCert: certificate, privateKey, caCert } = issued.credentials;
      serverCa = caCert;
      row.made = issuedByCloud(certificate, privateKey);
      // nRF Cloud sends the key only once.
      const kept = log.start("issue", [{ ...loggedRow(row), certificate, privateKey }]);
      kept.ended({ done: [row.id], refused: [], unsettled: [] });
      row.succeed("issue");
      ended.done.push(row.id);
    }),
  );
  started.ended(ended);
  meter.end();
  return serverCa;
}

/** Claims just-in-time devices. Those that have not connected yet wait. */
export async function associateDevices(batch: Batch): Promise<void> {
  const rows = rowsTo("associate", batch.rows);
  if (rows.length === 0) return;
  const { cloud, clock, log, progress } = batch.context;
  const started = log.start("associate", rows.map(loggedRow));
  const meter = progress.step("associate", rows.length);
  const claims = rows.flatMap(({ id, declared }) =>
    declared?.way === "jitp"
      ? [
          {
            deviceId: id,
            ownershipCode: batch.materials.get(id) ?? "",
            subType: declared.subType,
            waitSeconds: declared.waitSeconds,
          },
        ]
      : [],
  );
  const answers = await associate(cloud.transport, clock, claims, (devices) => {
    meter.waiting(devices);
  });
  const ended = noneEnded();
  for (const row of rows) {
    const answer = answers.get(row.id);
    if (answer?.kind === "claimed") {
      row.succeed("associate");
      ended.done.push(row.id);
      continue;
    }
    ended.refused.push(row.id);
    if (answer?.kind === "failed") row.fail(answer.reason);
    else if (row.declared?.way === "jitp" && row.declared.pending === "allow") row.wait();
    else row.fail(NOT_CONNECTED);
  }
  started.ended(ended);
  meter.end();
}
