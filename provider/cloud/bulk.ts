import { stringify } from "csv-stringify/sync";
import { isBulkAccepted, type BulkJob } from "./answers.js";
import { readErrorSummary, type FailedRows } from "./bulkErrors.js";
import { ENDPOINTS, finished, jobsFromNow, noteJob } from "./bulkJobs.js";
import type { Deadlines } from "./deadlines.js";
import { findDevices, onboardDevice, type Onboarding } from "./devices.js";
import { CloudError, NoAnswerError, RefusedError, mayHaveTakenEffect } from "./errors.js";
import { surely, type Outcome } from "./surely.js";
import { path, type Transport } from "./transport.js";

/** A bulk request holds at most this many rows. */
export const BULK_ROWS = 1000;

/**
 * Onboards up to 1,000 devices, none of which is in the account: a single one by its own call (OnboardDevice), more by one
 * asynchronous job (OnboardDevices) whose end is waited for. Where an answer is lost or a job does not say how it ended, what
 * is in the account then was onboarded here, and the rest is sent again.
 *
 * @returns One outcome a device, in the order given. A job that failed has applied its good rows all the same.
 */
export function onboardDevices(
  transport: Transport,
  devices: readonly Onboarding[],
  deadlines: Deadlines,
): Promise<readonly Outcome[]> {
  return surely(
    devices,
    {
      send: (wanted) => {
        const [only, another] = wanted;
        if (only !== undefined && another === undefined) return onboardAlone(transport, only);
        const rows = wanted.map(({ deviceId, subType, tags, firmwareTypes, credentialPem }) => [
          deviceId,
          subType ?? "",
          tags.join("|"),
          firmwareTypes.join("|"),
          credentialPem,
        ]);
        return runBulk(transport, { operation: "OnboardDevices", path: path("devices"), rows }, deadlines);
      },
      look: async (wanted) => {
        const present = await findDevices(
          transport,
          wanted.map(({ deviceId }) => deviceId),
        );
        return new Set(wanted.filter(({ deviceId }) => present.has(deviceId)));
      },
      ...(devices.length === 1 ? {} : { underWay: jobsFromNow(transport, ENDPOINTS.OnboardDevices) }),
    },
    deadlines,
  );
}

async function onboardAlone(transport: Transport, device: Onboarding): Promise<readonly Outcome[]> {
  try {
    await onboardDevice(transport, device);
    return [{ kind: "done" }];
  } catch (error) {
    if (!(error instanceof RefusedError) || mayHaveTakenEffect(error) || error.status === 429) throw error;
    return [{ kind: "refused", reason: error.reason ?? error.message, nothingDone: true }];
  }
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
): Promise<readonly Outcome[]> {
  const outcomes = new Map<unknown, Outcome>();
  const register = async (
    operation: "RegisterCertificates" | "RegisterPublicKeys",
    segment: string,
    isOfKind: (pem: string) => boolean,
  ) => {
    const chosen = credentials.filter(({ pem }) => isOfKind(pem));
    if (chosen.length === 0) return;
    const results = await surely(
      chosen,
      {
        send: (wanted) => {
          const rows = wanted.map(({ deviceId, pem }) => [deviceId, pem]);
          return runBulk(transport, { operation, path: path("devices", segment), rows }, deadlines);
        },
        underWay: jobsFromNow(transport, ENDPOINTS[operation]),
        // A certificate is made out to its device, so it was registered for this one when it was sent before.
        saysDone: (reason) => /already registered/i.test(reason),
      },
      deadlines,
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
}

/** @throws CloudError where it is not known how the rows ended, and no job of them is under way */
async function runBulk(
  transport: Transport,
  { operation, path: where, rows }: Bulk,
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
  noteJob(transport, jobId);
  let job: BulkJob;
  try {
    job = await finished(transport, { jobId, operation, rows: rows.length }, bulkMs);
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    // What was accepted is not sent again while it may be under way.
    return rows.map(() => ({ kind: "failed", error }));
  }
  if (job.status === "SUCCEEDED") return rows.map(() => ({ kind: "done" }));

  const reasons = await errorSummary(transport, { operation, rows: rows.length }, job);
  if (reasons === undefined) {
    throw new NoAnswerError(
      { operation },
      `job ${jobId} failed without saying which of its ${rows.length} rows.`,
      "Some rows may have been applied: run the same command again; what took effect is found and kept.",
      true,
    );
  }
  return rows.map((_, row) => {
    const reason = reasons.get(row);
    return reason === undefined ? { kind: "done" } : { kind: "refused", reason, nothingDone: true };
  });
}

/** The rows that a failed job names, by their index; `undefined` where it names none that can be read. */
async function errorSummary(
  transport: Transport,
  { operation, rows }: { readonly operation: string; readonly rows: number },
  { errorSummaryUrl }: BulkJob,
): Promise<FailedRows | undefined> {
  if (errorSummaryUrl === undefined) return undefined;
  try {
    return readErrorSummary(await transport.readFile({ operation }, errorSummaryUrl), rows);
  } catch (error) {
    // That the list can't be read is no refusal of the devices on it.
    if (error instanceof CloudError) return undefined;
    throw error;
  }
}
