import { setImmediate as nextTurn } from "node:timers/promises";
import type { Outcome } from "../../../cloud/reliably.js";
import type { Row } from "../../table/row.js";
import type { RowRun } from "../rowRun.js";
import { chunks, keptOf, LOGGED_TOGETHER, loggedRow, rowsTo, type Batch } from "./batch.js";
import { certify } from "./credentials.js";
import { noteOutcome } from "./outcome.js";

/** Onboards devices in bulk jobs. */
export async function onboard(batch: Batch): Promise<void> {
  const { calls, log } = batch.context;
  await inBulk(batch, "onboard", (row, declared, made) => {
    if (declared.way !== "preconnect") return undefined;
    const { subType, tags, firmwareTypes } = declared;
    const item = { deviceId: row.id, subType, tags, firmwareTypes, credentialPem: made.pem };
    return calls.onboard.add({ item, logged: { ...loggedRow(row), ...keptOf(made) }, log });
  });
}

/** Registers other certificates for devices of the account, in bulk jobs. */
export async function register(batch: Batch): Promise<void> {
  const { calls, log } = batch.context;
  await inBulk(batch, "register", (row, _, made) =>
    calls.register.add({
      item: { deviceId: row.id, pem: made.pem },
      logged: { ...loggedRow(row), ...keptOf(made) },
      log,
    }),
  );
}

/** Issues credentials and sends them, one bulk job at a time, so that the first job starts early. */
async function inBulk(
  batch: Batch,
  kind: "onboard" | "register",
  send: (
    row: RowRun,
    declared: Row,
    made: NonNullable<RowRun["made"]>,
  ) => Promise<Outcome & { jobId?: string | undefined }> | undefined,
): Promise<void> {
  const rows = rowsTo(kind, batch.rows);
  const pending: Promise<void>[] = [];
  for (const some of chunks(rows, LOGGED_TOGETHER)) {
    await certify(batch, kind, some);
    for (const row of some) {
      const { declared, made } = row;
      // The row may have failed when its credential was issued.
      if (row.step(kind) === undefined || declared === undefined || made === undefined) continue;
      const sent = send(row, declared, made);
      if (sent !== undefined) pending.push(noteOutcome(row, kind, sent));
    }
    await nextTurn();
  }
  await Promise.all(pending);
}
