import { setImmediate as turn } from "node:timers/promises";
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

/** Finds the credential of an interrupted run. It is recorded even if nothing is left to be done. */
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

/** Makes the next credentials. They are in the log before anything else knows of them. */
export async function issueNext(batch: Batch): Promise<void> {
  const rows = rowsTo("next", batch.rows);
  if (rows.length === 0) return;
  const { cloud, log, progress } = batch.context;
  const under = progress.step("next", rows.length);
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
    under.done(some.length);
    await turn();
  }
  under.end();
}

/** Makes, or finds, the credentials of rows, side by side: a signer may be far away. */
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
  const { declared, log } = row;
  const logged = declared?.way === "preconnect" ? loggedNext(log, declared) : undefined;
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

/** What nRF Cloud issued: it is not sent to it again, and its end is not read. */
export function issuedByCloud(certificate: string, privateKey: string | undefined): MadeCredential {
  return { pem: certificate, fingerprint: "", certificate, privateKey, validUntil: undefined };
}
