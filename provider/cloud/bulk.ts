import { stringify } from "csv-stringify/sync";
import { isBulkAccepted, type BulkJob } from "./answers.js";
import { readErrorSummary, type FailedRows } from "./bulkErrors.js";
import { askForJob, ENDPOINTS, finished, hasEnded, jobsFromNow } from "./bulkJobs.js";
import type { Deadlines } from "./deadlines.js";
import { presentAmong, type Onboarding } from "./devices.js";
import { CloudError, NoAnswerError } from "./errors.js";
import { rowOutcomes, sendReliably, type Outcome } from "./reliably.js";
import { RUN_AGAIN } from "./remedies.js";
import { path, type Transport } from "./transport.js";

/** A bulk request holds at most this many rows. */
export const BULK_ROWS = 1000;

/** Told of each job that nRF Cloud accepts, before its end is waited for. */
export type JobAccepted = (jobId: string) => void;

/**
 * Onboards up to 1,000 devices, none of which is in the account, by one asynchronous job (OnboardDevices) whose end is waited
 * for. A single device uses a job as well: only a job shows later which certificate was registered when. Where an answer is lost or a job does not say how it ended, what
 * is in the account then was onboarded here, and the rest is sent again.
 *
 * @returns One outcome a device, in the order given. A job that failed has applied its good rows all the same.
 */
export function onboardDevices(
  transport: Transport,
  devices: readonly Onboarding[],
  deadlines: Deadlines,
  accepted: JobAccepted = () => undefined,
): Promise<readonly Outcome[]> {
  return sendReliably(
    devices,
    {
      send: (wanted) => {
        const rows = wanted.map(({ deviceId, subType, tags, firmwareTypes, credentialPem }) => [
          deviceId,
          subType ?? "",
          tags.join("|"),
          firmwareTypes.join("|"),
          credentialPem,
        ]);
        const bulk = { operation: "OnboardDevices", path: path("devices"), rows, accepted };
        return runBulk(transport, bulk, deadlines);
      },
      readBack: (wanted) => presentAmong(transport, wanted),
      isRunning: jobsFromNow(transport, ENDPOINTS.OnboardDevices),
    },
    deadlines,
    transport.clock,
  );
}

/**
 * Gives up to 1,000 onboarded devices a new certificate or public key, by one asynchronous job for each of the two
 * (RegisterCertificates, RegisterPublicKeys), and waits for their end. A new certificate takes the place of the present
 * one, a new public key that of the present key. Where it is not known how a job ended, its rows are sent once more: nothing
 * shows which credential a device has, and the same one registered again changes nothing.
 *
 * @returns One outcome a credential, in the order given.
 */
export async function registerCredentials(
  transport: Transport,
  credentials: readonly { readonly deviceId: string; readonly pem: string }[],
  deadlines: Deadlines,
  accepted: JobAccepted = () => undefined,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<unknown, Outcome>();
  const register = async (
    operation: "RegisterCertificates" | "RegisterPublicKeys",
    segment: string,
    isOfKind: (pem: string) => boolean,
  ) => {
    const chosen = credentials.filter(({ pem }) => isOfKind(pem));
    if (chosen.length === 0) return;
    const results = await sendReliably(
      chosen,
      {
        send: (wanted) => {
          const rows = wanted.map(({ deviceId, pem }) => [deviceId, pem]);
          return runBulk(transport, { operation, path: path("devices", segment), rows, accepted }, deadlines);
        },
        isRunning: jobsFromNow(transport, ENDPOINTS[operation]),
        // A certificate is made out to its device, so it was registered for this one when it was sent before.
        provesDone: (reason) => /already registered/i.test(reason),
      },
      deadlines,
      transport.clock,
    );
    for (const [i, credential] of chosen.entries()) outcomes.set(credential, results[i] ?? { kind: "done" });
  };
  const isPublicKey = (pem: string) => pem.includes("BEGIN PUBLIC KEY");
  await Promise.all([
    register("RegisterCertificates", "certificates", (pem) => !isPublicKey(pem)),
    register("RegisterPublicKeys", "public-keys", isPublicKey),
  ]);
  return credentials.map((credential) => outcomes.get(credential) ?? { kind: "done" });
}

interface Bulk {
  readonly operation: string;
  readonly path: string;
  readonly rows: readonly (readonly string[])[];
  readonly accepted: JobAccepted;
}

/** @throws CloudError where it is not known how the rows ended, and no job of them is under way */
async function runBulk(
  transport: Transport,
  { operation, path: where, rows, accepted }: Bulk,
  { bulkMs }: Deadlines,
): Promise<readonly Outcome[]> {
  const { bulkOpsRequestId: jobId } = await transport.ask(
    {
      operation,
      method: "POST",
      path: where,
      // Line breaks inside the PEM make every credential a quoted cell, as the API wants it.
      body: { type: "text/csv", text: stringify(rows.map((row) => [...row])) },
    },
    isBulkAccepted,
  );
  transport.acceptedJobs.add(jobId);
  accepted(jobId);
  const ask = () => askForJob(transport, jobId);
  const job = await finished(transport, { jobId, operation, rows: rows.length, ask, hasEnded }, bulkMs);
  if (job instanceof CloudError) return rows.map(() => ({ kind: "failed", error: job }));
  if (job.status === "SUCCEEDED") return rows.map(() => ({ kind: "done" }));

  const reasons = await errorSummary(transport, { operation, rows: rows.length }, job);
  if (reasons === undefined) {
    throw new NoAnswerError(
      { operation },
      `job ${transport.words()(jobId)} failed and does not show which of its ${rows.length} rows.`,
      `nRF Cloud may have applied some rows. ${RUN_AGAIN}`,
      true,
    );
  }
  return rowOutcomes(rows.length, reasons);
}

/** The rows that a failed job names, by their index; `undefined` where it names none that can be read. */
async function errorSummary(
  transport: Transport,
  { operation, rows }: { readonly operation: string; readonly rows: number },
  { errorSummaryUrl }: BulkJob,
): Promise<FailedRows | undefined> {
  if (errorSummaryUrl === undefined) return undefined;
  try {
    const reasons = readErrorSummary(await transport.readFile({ operation }, errorSummaryUrl), rows);
    const words = transport.words();
    return reasons && new Map([...reasons].map(([row, reason]) => [row, words(reason)]));
  } catch (error) {
    // That the list can't be read is no refusal of the devices on it.
    if (error instanceof CloudError) return undefined;
    throw error;
  }
}
