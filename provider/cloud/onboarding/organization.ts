import { stringify } from "csv-stringify/sync";
import { poll } from "../../engine/poll.js";
import { isDeviceCreation, type DeviceCreation } from "../answers.js";
import type { JobAccepted } from "../bulk.js";
import { endOfJob, type JobDetails } from "../bulkJobs.js";
import type { Deadlines } from "../deadlines.js";
import { presentAmong, type Onboarding } from "../devices.js";
import { CloudError, NoAnswerError, NotUnderstoodError } from "../errors.js";
import { RUN_AGAIN } from "../remedies.js";
import { rowOutcomes, sendReliably, type Outcome } from "../reliably.js";
import { path, type Started, type Transport } from "../transport.js";
import type { OnboardingApi, OnboardingTraits } from "./api.js";
import { failedDevices, failedRows } from "./creationErrors.js";
import { readJobId, writeJobId } from "./jobId.js";
import { teamOnboarding } from "./team.js";

/** The slugs of an organization and of its project that devices are onboarded into. */
export interface Project {
  readonly organization: string;
  readonly project: string;
}

export interface ProjectAccess extends Project {
  /** With the organization's token, which can only create devices. */
  readonly transport: Transport;
  /** With the API key of the organization's team, which can see its devices. */
  readonly team: Transport;
}

// The API documents no names for these operations.
const CREATE = "POST …/long-range/devices/bulk";
const FETCH = "GET …/long-range/devices/bulk";
const POLL_EVERY_MS = { first: 100, slowest: 5_000 };

/**
 * Onboarding through the organization API (experimental). It neither lists its jobs nor shows their rows and times. So a request without
 * an answer is never sent again, and only jobs whose acceptance was received are evidence.
 */
export function organizationOnboarding(access: ProjectAccess): OnboardingApi {
  const { transport, team, organization, project } = access;
  const byTeam = teamOnboarding(team);
  const ask = (statusPath: string) => fetchCreation(transport, statusPath);
  return {
    remark:
      `The API of the organization ${organization} (project ${project}) will onboard these devices, which is experimental. The API key must ` +
      "be of the team of this organization. Otherwise this stack can neither see nor delete them.",
    hintIfMissing: `Check that the organization ${organization} and its project ${project} belong to the team of the API key.`,
    refusalOf,
    onboard: (devices, deadlines, accepted) =>
      sendReliably(
        devices,
        {
          mayRepeat: false,
          send: (wanted) => create(access, wanted, deadlines, accepted),
          readBack: (wanted) => presentAmong(team, wanted),
        },
        deadlines,
        transport.clock,
      ),
    listsJobs: false,
    requestedAt: (jobId) => {
      const known = readJobId(jobId);
      return known === undefined ? byTeam.requestedAt(jobId) : Promise.resolve(known.requestedAt);
    },
    async jobs(search) {
      const own = await Promise.all(search.jobIds.map((id) => jobDetails(id, ask)));
      return [...(await byTeam.jobs(search)), ...own.filter((job) => job !== undefined)];
    },
    async earlierJobsEnded(jobIds, withinMs) {
      const statusPaths = jobIds.flatMap((id) => readJobId(id)?.statusPath ?? []);
      await Promise.all([
        byTeam.earlierJobsEnded(jobIds, withinMs),
        ...statusPaths.map((statusPath) =>
          poll({
            read: () => ask(statusPath).catch(ifCloudError(undefined)),
            // An unreadable job may never be readable again, and proves nothing.
            until: (creation) => creation === undefined || hasEnded(creation),
            everyMs: POLL_EVERY_MS,
            withinMs,
            clock: transport.clock,
          }),
        ),
      ]);
    },
  };
}

function refusalOf({ subType, tags, firmwareTypes, isPublicKey }: OnboardingTraits): string | undefined {
  const declared = [
    ...(subType === undefined ? [] : ["sub-type"]),
    ...(tags.length === 0 ? [] : ["tags"]),
    ...(firmwareTypes.length === 0 ? [] : ["firmware types"]),
    ...(isPublicKey ? ["public key"] : []),
  ];
  if (declared.length === 0) return undefined;
  return (
    `The API of the organization can't set the ${declared.join(", ")} of these devices: it takes a device id and a certificate only. ` +
    "Remove that, or unset `nrfcloud:organization` to onboard them through the device API."
  );
}

/** Creates devices and waits for the end of the job. @throws CloudError if the result is unknown */
async function create(
  { transport, team, organization, project }: ProjectAccess,
  devices: readonly Onboarding[],
  { bulkMs }: Deadlines,
  accepted: JobAccepted,
): Promise<readonly Outcome[]> {
  const requestedAt = team.serverTime().toISOString();
  const rows = devices.map(({ deviceId, credentialPem }) => [deviceId, credentialPem]);
  const started = await transport.start({
    operation: CREATE,
    method: "POST",
    path: path("organizations", organization, "projects", project, "long-range", "devices", "bulk"),
    body: { type: "text/csv", text: stringify([["deviceId", "certificate"], ...rows]) },
  });
  const statusPath = statusPathOf(transport, started);
  const jobId = writeJobId({ requestedAt, statusPath });
  accepted(jobId);
  const ask = () => fetchCreation(transport, statusPath);
  const job = { jobId: statusPath, operation: CREATE, rows: devices.length, ask, hasEnded };
  const creation = await endOfJob(transport, job, bulkMs);
  if (creation instanceof CloudError) return devices.map(() => ({ kind: "failed", error: creation }));
  return outcomes(transport, creation, devices);
}

/** The path of a job's status. @throws NoAnswerError if the answer has none, or one to which the token must not be sent */
function statusPathOf(transport: Transport, { status, location, body }: Started): string {
  if (status !== 202) throw new NotUnderstoodError({ operation: CREATE }, `it is HTTP ${status}, not 202`);
  const url = typeof body === "object" && body !== null && "url" in body ? body.url : undefined;
  const named = location ?? (typeof url === "string" ? url : undefined);
  const statusPath = named === undefined ? undefined : transport.pathOf(named);
  if (statusPath !== undefined) return statusPath;
  const sanitize = transport.sanitizer();
  throw new NoAnswerError(
    { operation: CREATE },
    named === undefined
      ? "nRF Cloud accepted the devices, but does not say where it has their status."
      : `nRF Cloud accepted the devices, but has their status at ${sanitize(named)}. The provider sends no token there.`,
    "nRF Cloud may create them all the same. Run the same command again in a few minutes.",
    true,
  );
}

function outcomes(
  transport: Transport,
  { status, errorSummary }: DeviceCreation,
  devices: readonly Onboarding[],
): readonly Outcome[] {
  const failed = failedRows(
    errorSummary,
    devices.map(({ deviceId }) => deviceId),
  );
  const sanitize = transport.sanitizer();
  if (failed === undefined || (failed.size === 0 && status !== "SUCCEEDED")) {
    throw new NoAnswerError(
      { operation: CREATE },
      `the creation of ${devices.length} devices ended as ${sanitize(status)} without saying which of them failed` +
        (errorSummary === undefined ? "." : `: ${sanitize(JSON.stringify(errorSummary))}`),
      `nRF Cloud may have created some. ${RUN_AGAIN}`,
      true,
    );
  }
  return rowOutcomes(devices.length, new Map([...failed].map(([row, reason]) => [row, sanitize(reason)])));
}

function fetchCreation(transport: Transport, statusPath: string): Promise<DeviceCreation> {
  return transport.ask({ operation: FETCH, method: "GET", path: statusPath }, isDeviceCreation);
}

/** Any other status is an end. Some other clients treat `PENDING` as an end, which it can't be. */
function hasEnded({ status }: DeviceCreation): boolean {
  return status !== "IN_PROGRESS" && status !== "PENDING";
}

/** Reads a job of the journal; `undefined` if it is a team's job, or can't be read. */
async function jobDetails(
  id: string,
  ask: (statusPath: string) => Promise<DeviceCreation>,
): Promise<JobDetails | undefined> {
  const known = readJobId(id);
  if (known === undefined) return undefined;
  const creation = await ask(known.statusPath).catch(ifCloudError(undefined));
  if (creation === undefined) return undefined;
  const { status, errorSummary } = creation;
  const isGood = status === "SUCCEEDED";
  const refused = failedDevices(errorSummary);
  return {
    id,
    endpoint: undefined,
    status: hasEnded(creation) ? (isGood ? status : "FAILED") : "IN_PROGRESS",
    requestedAt: known.requestedAt,
    completedAt: undefined,
    credentials: undefined,
    // A failed job that names no device may have failed for any of them.
    refused: isGood || (refused?.size ?? 0) > 0 ? refused : undefined,
    isOnlyLogged: true,
  };
}

function ifCloudError<Otherwise>(otherwise: Otherwise): (error: unknown) => Otherwise {
  return (error) => {
    if (error instanceof CloudError) return otherwise;
    throw error;
  };
}
