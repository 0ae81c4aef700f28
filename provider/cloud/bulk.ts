import { stringify } from "csv-stringify/sync";
import { isBulkAccepted, type BulkJob } from "./answers.js";
import { readErrorSummary, type FailedRows } from "./bulkErrors.js";
import { fetchJob, ENDPOINTS, endOfJob, hasEnded, jobsFromNow } from "./bulkJobs.js";
import type { Deadlines } from "./deadlines.js";
import { presentAmong, type Onboarding } from "./devices.js";
import { CloudError, NoAnswerError } from "./errors.js";
import { rowOutcomes, sendReliably, type Outcome } from "./reliably.js";
import { RUN_AGAIN } from "./remedies.js";
import { path, type Transport } from "./transport.js";

/** A bulk request holds at most this many rows. */
export const BULK_ROWS = 1000;

/** Called for each job that nRF Cloud accepts, before the provider waits for its end. */
export type JobAccepted = (jobId: string) => void;

/**
 * Onboards up to 1,000 devices that are not in the account, by one asynchronous job (OnboardDevices), and waits for its end. A single
 * device uses a job too, since only jobs show later which certificate was registered when. If an answer is lost, devices that are then
 * in the account count as onboarded, and the others are sent again.
 *
 * @returns one outcome for each device, in the given order. A failed job has applied its valid rows
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
 * Registers new certificates or public keys for up to 1,000 onboarded devices, by one asynchronous job for each of the two
 * (RegisterCertificates, RegisterPublicKeys), and waits for their end. They replace the present ones. If the result of a job is unknown,
 * its rows are sent again: the API does not show the credential of a device, and registration is idempotent.
 *
 * @returns one outcome for each credential, in the given order
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
        // A certificate names its device, so only an earlier try can have registered it.
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

/** @throws CloudError if the result is unknown, and no job for these rows is running */
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
      // The API requires quoted cells for credentials. The line breaks of a PEM cause that.
      body: { type: "text/csv", text: stringify(rows.map((row) => [...row])) },
    },
    isBulkAccepted,
  );
  transport.acceptedJobs.add(jobId);
  accepted(jobId);
  const ask = () => fetchJob(transport, jobId);
  const job = await endOfJob(transport, { jobId, operation, rows: rows.length, ask, hasEnded }, bulkMs);
  if (job instanceof CloudError) return rows.map(() => ({ kind: "failed", error: job }));
  if (job.status === "SUCCEEDED") return rows.map(() => ({ kind: "done" }));

  const reasons = await errorSummary(transport, { operation, rows: rows.length }, job);
  if (reasons === undefined) {
    throw new NoAnswerError(
      { operation },
      `job ${transport.sanitizer()(jobId)} failed and does not show which of its ${rows.length} rows.`,
      `nRF Cloud may have applied some rows. ${RUN_AGAIN}`,
      true,
    );
  }
  return rowOutcomes(rows.length, reasons);
}

/** The failed rows of a job by index; `undefined` if it has no readable list. */
async function errorSummary(
  transport: Transport,
  { operation, rows }: { readonly operation: string; readonly rows: number },
  { errorSummaryUrl }: BulkJob,
): Promise<FailedRows | undefined> {
  if (errorSummaryUrl === undefined) return undefined;
  try {
    const reasons = readErrorSummary(await transport.readFile({ operation }, errorSummaryUrl), rows);
    const sanitize = transport.sanitizer();
    return reasons && new Map([...reasons].map(([row, reason]) => [row, sanitize(reason)]));
  } catch (error) {
    // An unreadable list does not mean that nRF Cloud refused the devices.
    if (error instanceof CloudError) return undefined;
    throw error;
  }
}
