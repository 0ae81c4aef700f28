import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isFinished, type Job } from "../bulk/job.js";
import type { Cloud } from "../cloud.js";
import type { ApiError } from "../errors.js";
import { entityNotFound, invalid } from "../errors.js";
import { courseOf } from "../faults/jobs.js";
import { callerOf } from "../http/authentication.js";
import { textBody } from "../http/json.js";
import { readingOf } from "../http/reading.js";
import type { StatusUrl } from "../settings.js";

interface InProject {
  Params: { organization: string; project: string };
}

interface ById {
  Params: { organization: string; project: string; id: string };
}

const path = "/organizations/:organization/projects/:project/long-range/devices/bulk";

/** Creates devices with an organization auth token. Nothing else of the organization API has a known path. */
export function organizationRoutes(
  app: FastifyInstance,
  { jobs, settings, faults }: Cloud,
  asApiError: (error: Error) => ApiError,
): void {
  app.setErrorHandler((error: Error, _request, reply) => {
    const { status, message, problems } = asApiError(error);
    reply.status(status).send({ message, ...(problems.length === 0 ? {} : { cause: problems }) });
  });

  app.post<InProject>(
    path,
    { config: { operation: { id: "CreateDevicesInBulk", access: "organization", success: 202 } } },
    async (request, reply) => {
      requireProject(request);
      if (!/^text\/csv\b/i.test(request.headers["content-type"] ?? "")) {
        throw invalid(["the content type must be text/csv"]);
      }
      const { tenantId } = callerOf(request).team;
      const job = await jobs.submit("CREATE_DEVICES", tenantId, textBody(request.body), (rows) =>
        courseOf(faults, "CreateDevicesInBulk", rows),
      );
      return accept(reply.status(202), settings.statusUrl, request, job);
    },
  );

  app.get<ById>(
    `${path}/:id`,
    { config: { operation: { id: "FetchDeviceCreation", access: "organization", success: 200 } } },
    (request) => {
      requireProject(request);
      const job = jobs.find(request.params.id, readingOf(request).at);
      if (job?.tenantId !== callerOf(request).team.tenantId || job.endpoint !== "CREATE_DEVICES") {
        throw entityNotFound("The team has no such creation of devices.");
      }
      return statusView(job);
    },
  );
}

function requireProject(request: FastifyRequest<InProject>): void {
  const { organization, project } = request.params;
  const own = callerOf(request).team.organization;
  if (own?.slug !== organization)
    throw entityNotFound(`The token does not belong to the organization ${organization}.`);
  if (own.project !== project) throw entityNotFound(`The organization has no project ${project}.`);
}

function accept(reply: FastifyReply, form: StatusUrl, request: FastifyRequest<InProject>, { id }: Job) {
  const { organization, project } = request.params;
  const relative = `/v1/organizations/${organization}/projects/${project}/long-range/devices/bulk/${id}`;
  const absolute = `${request.protocol}://${request.host}${relative}`;
  switch (form) {
    case "relative":
      return reply.header("location", relative).send({ url: relative });
    case "absolute":
      return reply.header("location", absolute).send({ url: absolute });
    case "body only":
      return reply.send({ url: relative });
    case "foreign host":
      return reply.header("location", `https://foreign.invalid${relative}`).send({});
    case "none":
      return reply.send({});
  }
}

/** The status that the client polls. A job that has not started is in progress too, because all other states are final. */
function statusView(job: Job) {
  return {
    status: isFinished(job) ? job.status : "IN_PROGRESS",
    ...(isFinished(job) && job.errors.length > 0
      ? {
          errorSummary: {
            errors: job.errors.map(({ row, deviceId, reason }) =>
              deviceId === undefined ? { row, error: reason } : { deviceId, error: reason },
            ),
          },
        }
      : {}),
  };
}
