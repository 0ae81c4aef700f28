import { stringify } from "csv-stringify/sync";
import { isBulkAccepted, isBulkJob, type BulkJob } from "./answers.js";
import { readErrorSummary, type FailedRows } from "./bulkErrors.js";
import type { Onboarding } from "./devices.js";
import { CloudError, NoAnswerError, NotUnderstoodError, RefusedError } from "./errors.js";
import { path, type Transport } from "./transport.js";

/** A bulk request holds at most this many rows. */
export const BULK_ROWS = 1000;

const FIRST_POLL_MS = 100;
const SLOWEST_POLL_MS = 3_000;

/** How one row of a bulk job ended; `reason` in the API's own words. */
export type RowOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/**
 * Onboards up to 1,000 devices by one asynchronous job (OnboardDevices) and waits for its end.
 *
 * @param withinMs How long to wait for the job.
 * @returns One outcome a device, in the order given. A job that failed has applied its good rows all the same.
 */
export function onboardDevices(
  transport: Transport,
  devices: readonly Onboarding[],
  withinMs: number,
): Promise<readonly RowOutcome[]> {
  const rows = devices.map(({ deviceId, subType, tags, firmwareTypes, credentialPem }) => [
    deviceId,
    subType ?? "",
    tags.join("|"),
    firmwareTypes.join("|"),
    credentialPem,
  ]);
  return runBulk(transport, { operation: "OnboardDevices", path: path("devices"), rows, withinMs });
}

/**
 * Gives up to 1,000 onboarded devices a new certificate or public key, by one asynchronous job for each of the two
 * (RegisterCertificates, RegisterPublicKeys), and waits for their end. A new certificate takes the place of the present
 * one, a new public key that of the present key.
 */
export async function registerCredentials(
  transport: Transport,
  credentials: readonly { readonly deviceId: string; readonly pem: string }[],
  withinMs: number,
): Promise<readonly RowOutcome[]> {
  const outcomes = new Map<unknown, RowOutcome>();
  const register = async (operation: string, segment: string, isOfKind: (pem: string) => boolean) => {
    const chosen = credentials.filter(({ pem }) => isOfKind(pem));
    if (chosen.length === 0) return;
    const rows = chosen.map(({ deviceId, pem }) => [deviceId, pem]);
    const results = await runBulk(transport, { operation, path: path("devices", segment), rows, withinMs });
    for (const [i, credential] of chosen.entries()) outcomes.set(credential, results[i] ?? { ok: true });
  };
  const isPublicKey = (pem: string) => pem.includes("BEGIN PUBLIC KEY");
  await Promise.all([
    register("RegisterCertificates", "certificates", (pem) => !isPublicKey(pem)),
    register("RegisterPublicKeys", "public-keys", isPublicKey),
  ]);
  return credentials.map((credential) => outcomes.get(credential) ?? { ok: true });
}

interface Bulk {
  readonly operation: string;
  readonly path: string;
  readonly rows: readonly (readonly string[])[];
  readonly withinMs: number;
}

async function runBulk(transport: Transport, bulk: Bulk): Promise<readonly RowOutcome[]> {
  const { bulkOpsRequestId } = await transport.ask(
    {
      operation: bulk.operation,
      method: "POST",
      path: bulk.path,
      // Line breaks inside the PEM make every credential a quoted cell, as the API wants it.
      body: { type: "text/csv", text: stringify(bulk.rows.map((row) => [...row])) },
    },
    isBulkAccepted,
  );
  const job = await finished(transport, bulk, bulkOpsRequestId);
  if (job.status === "SUCCEEDED") return bulk.rows.map(() => ({ ok: true }));

  const reasons = await failedRows(transport, bulk, job);
  return bulk.rows.map((_, row) => {
    const reason = reasons.get(row);
    return reason === undefined ? { ok: true } : { ok: false, reason };
  });
}

async function finished(transport: Transport, bulk: Bulk, jobId: string): Promise<BulkJob> {
  const deadline = Date.now() + bulk.withinMs;
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 1.5, SLOWEST_POLL_MS)) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    const job = await lookAt(transport, bulk, jobId);
    if (job?.status === "SUCCEEDED" || job?.status === "FAILED") return job;
    if (Date.now() > deadline) {
      throw new NoAnswerError(
        { operation: bulk.operation },
        `job ${jobId} with ${bulk.rows.length} rows is still ${job?.status ?? "not to be seen"} after ${Math.round(bulk.withinMs / 1000)} s.`,
        "It may still end well: run the same command again in a while; what it did is found and kept.",
        true,
      );
    }
  }
}

/**
 * A job as it is now; `undefined` where it can't be seen for the moment. That says nothing about the job, and to give
 * up on it would lose the keys of all its devices.
 */
async function lookAt(
  transport: Transport,
  { operation }: Bulk,
  jobId: string,
): Promise<BulkJob | undefined> {
  try {
    return await transport.ask(
      { operation: "FetchBulkOpsRequest", method: "GET", path: path("bulk-ops-requests", jobId) },
      isBulkJob,
    );
  } catch (error) {
    if (error instanceof NoAnswerError && !(error instanceof NotUnderstoodError)) return undefined;
    // A job that was accepted a moment ago may not be readable yet.
    if (!(error instanceof RefusedError)) throw error;
    if (error.status >= 500 || [404, 429].includes(error.status)) return undefined;
    // The job was accepted, so that this look was refused does not mean that nothing was done.
    throw new NoAnswerError(
      { operation },
      `job ${jobId} was accepted, but can't be looked at (${error.message})`,
      "It may still end well: run the same command again; what it did is found and kept.",
      true,
    );
  }
}

/** The rows that a failed job names, by their index. @throws NoAnswerError where it names none that can be read */
async function failedRows(transport: Transport, bulk: Bulk, job: BulkJob): Promise<FailedRows> {
  const summary = await errorSummary(transport, bulk, job);
  if (summary !== undefined) return summary;
  throw new NoAnswerError(
    { operation: bulk.operation },
    `job ${job.bulkOpsRequestId} failed without saying which of its ${bulk.rows.length} rows.`,
    "Some rows may have been applied: run the same command again; what took effect is found and kept.",
    true,
  );
}

async function errorSummary(transport: Transport, bulk: Bulk, job: BulkJob): Promise<FailedRows | undefined> {
  if (job.errorSummaryUrl === undefined) return undefined;
  try {
    const text = await transport.readFile({ operation: bulk.operation }, job.errorSummaryUrl);
    return readErrorSummary(text, bulk.rows.length);
  } catch (error) {
    // That the list can't be read is no refusal of the devices on it.
    if (error instanceof CloudError) return undefined;
    throw error;
  }
}
