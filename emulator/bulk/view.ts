import type { BulkEndpoint, BulkOpsRequest } from "./job.js";

const folders: Record<BulkEndpoint, string> = {
  ONBOARD_DEVICES: "onboard_devices",
  REGISTER_CERTIFICATES: "register_certificates",
  REGISTER_PUBLIC_KEYS: "register_public_keys",
};

/** A job as the API shows it. `origin` is the address at which the client reached the emulator. */
export function jobView(job: BulkOpsRequest, origin: string) {
  const files = `${origin}/bulk-ops-requests/${job.tenantId}/${folders[job.endpoint]}/${job.id}-${job.fileSecret}`;
  return {
    bulkOpsRequestId: job.id,
    endpoint: job.endpoint,
    status: job.status,
    requestedAt: new Date(job.requestedAt).toISOString(),
    ...(job.completedAt === undefined ? {} : { completedAt: new Date(job.completedAt).toISOString() }),
    uploadedDataUrl: `${files}.csv`,
    ...(job.status === "FAILED" && job.errors.length > 0 ? { errorSummaryUrl: `${files}.json` } : {}),
  };
}
