import { setImmediate as nextTurn } from "node:timers/promises";
import { asError } from "../../../engine/errors.js";
import {
  loggedCredential,
  makeCredential,
  type MadeCredential,
} from "../../../ways/preconnect/credential.js";
import { isSigned } from "../../plan/change.js";
import { loggedNext } from "../../plan/row/credentials.js";
import type { LoggedCredential } from "../../plan/situation.js";
import type { CredentialSource } from "../../plan/step.js";
import type { RowRun } from "../rowRun.js";
import { chunks, keptOf, LOGGED_TOGETHER, loggedRow, rowsTo, type Batch } from "./batch.js";

/** Takes the credential of an interrupted run, which is recorded even if the plan has no steps. */
export function takeLogged(batch: Batch, row: RowRun): void {
  const { id, plan, declared, log } = row;
  const { certificate, privateKey } = log?.credential ?? {};
  if (certificate === undefined) return;
  const isPreconnect = (log?.row ?? declared)?.way === "preconnect";
  row.logged = isPreconnect
    ? loggedCredential(id, log?.credential, batch.context.issuer)
    : issuedByCloud(certificate, privateKey);
  if (plan.then !== "logged" || declared === undefined) return;
  if (declared.way !== "preconnect" || isSigned(declared.credential)) row.made = row.logged;
}

/** Issues the next credentials. The journal gets them first. */
export async function issueNext(batch: Batch): Promise<void> {
  const rows = rowsTo("next", batch.rows);
  if (rows.length === 0) return;
  const { cloud, log, progress } = batch.context;
  const meter = progress.step("next", rows.length);
  for (const some of chunks(rows, LOGGED_TOGETHER)) {
    const made = (
      await Promise.all(
        some.map(async (row) => {
          const step = row.step("next");
          const credential = step && (await makeNext(batch, row, step.credential));
          return credential === undefined ? [] : [{ row, credential }];
        }),
      )
    ).flat();
    const started = log.start(
      "next",
      made.map(({ row, credential }) => ({ ...loggedRow(row), ...keptOf(credential) })),
    );
    for (const { row, credential } of made) {
      row.next = credential;
      row.rotatedAt = cloud.transport.serverTime().toISOString();
      row.succeed("next");
    }
    started.ended({ done: made.map(({ row }) => row.id), refused: [], unsettled: [] });
    meter.done(some.length);
    await nextTurn();
  }
  meter.end();
}

/** Issues or takes the credentials of rows, all at the same time, because a signer may be slow. */
export async function certify(
  batch: Batch,
  kind: "onboard" | "register",
  rows: readonly RowRun[],
): Promise<void> {
  await Promise.all(
    rows.map(async (row) => {
      const step = row.step(kind);
      if (step === undefined || row.certified.has(kind)) return;
      row.certified.add(kind);
      await make(batch, row, step.credential);
    }),
  );
}

async function make(batch: Batch, row: RowRun, source: CredentialSource): Promise<void> {
  row.made = await credentialOf(batch, row, source, row.log?.credential);
  row.rotatedAt = batch.context.cloud.transport.serverTime().toISOString();
}

function makeNext(batch: Batch, row: RowRun, source: CredentialSource): Promise<RowRun["made"]> {
  const { declared, log, record } = row;
  const logged = declared?.way === "preconnect" ? loggedNext(log, declared, record) : undefined;
  return credentialOf(batch, row, source, logged);
}

async function credentialOf(
  batch: Batch,
  row: RowRun,
  source: CredentialSource,
  logged: LoggedCredential | undefined,
): Promise<RowRun["made"]> {
  const { declared, record } = row;
  if (declared?.way !== "preconnect") return undefined;
  try {
    const material = batch.materials.get(row.id);
    return await makeCredential(
      { id: row.id, row: declared, source, material, record, logged },
      batch.context.issuer,
    );
  } catch (thrown) {
    row.fail(asError(thrown).message);
    return undefined;
  }
}

/** A credential that nRF Cloud issued. */
export function issuedByCloud(certificate: string, privateKey: string | undefined): MadeCredential {
  return { pem: certificate, fingerprint: "", certificate, privateKey, validUntil: undefined };
}
