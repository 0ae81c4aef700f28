import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Cloud } from "../cloud.js";
import { entityNotFound, invalid } from "../errors.js";
import { callerOf } from "../http/authentication.js";
import { pageRequest, takePage } from "../http/page.js";
import { Query } from "../http/query.js";
import { readingOf } from "../http/reading.js";
import { bulkStatuses, isBulkOpsRequest } from "./job.js";
import { jobView } from "./view.js";

const originOf = (request: FastifyRequest) => `${request.protocol}://${request.host}`;

/** FetchBulkOpsRequest and ListBulkOpsRequests. */
export function bulkRoutes(app: FastifyInstance, { jobs }: Cloud): void {
  app.get<{ Params: { bulkOpsRequestId: string } }>(
    "/bulk-ops-requests/:bulkOpsRequestId",
    { config: { operation: { id: "FetchBulkOpsRequest", access: "read", success: 200 } } },
    (request) => {
      const { bulkOpsRequestId: id } = request.params;
      const job = jobs.find(id, readingOf(request).at);
      if (job?.tenantId !== callerOf(request).team.tenantId || !isBulkOpsRequest(job)) {
        throw entityNotFound(`No bulk operations request found for id ${JSON.stringify(id)}.`);
      }
      return jobView(job, originOf(request));
    },
  );

  const query = ["status", "startRequestedAt", "endRequestedAt", "pageLimit", "pageNextToken"];
  app.get(
    "/bulk-ops-requests",
    { config: { operation: { id: "ListBulkOpsRequests", access: "read", success: 200, query } } },
    (request) => {
      const parameters = new Query(request.query);
      const status = parameters.choice("status", bulkStatuses);
      const start = parameters.time("startRequestedAt") ?? 0;
      const end = parameters.time("endRequestedAt") ?? Infinity;
      const reading = readingOf(request);
      const page = pageRequest(parameters, reading);
      const { tenantId } = callerOf(request).team;
      const all = jobs
        .latestFirst(reading.at)
        .filter(isBulkOpsRequest)
        .filter((job) => job.tenantId === tenantId);
      const previous = all.findIndex((job) => job.id === page.after);
      if (page.after !== undefined && previous < 0)
        throw invalid(["pageNextToken is not a token of this list"]);
      const matching = all
        .slice(previous + 1)
        .filter((job) => status === undefined || job.status === status)
        .filter((job) => job.requestedAt >= start && job.requestedAt <= end);
      const origin = originOf(request);
      return takePage(
        page,
        matching,
        (job) => job.id,
        (job) => jobView(job, origin),
      );
    },
  );
}

/** The files of bulk jobs: another service in reality, without authentication but at addresses nobody can guess. */
export function bulkFileRoutes(app: FastifyInstance, { jobs }: Cloud): void {
  app.get<{ Params: { file: string } }>(
    "/bulk-ops-requests/:tenantId/:folder/:file",
    { config: { operation: { id: "DownloadBulkOpsFile", access: "public", success: 200 } } },
    async (request, reply) => {
      const [, id = "", secret, extension] =
        /^([0-9A-Z]{26})-([0-9a-f]{32})\.(csv|json)$/.exec(request.params.file) ?? [];
      const job = jobs.find(id);
      if (job === undefined || job.fileSecret !== secret) throw entityNotFound("No such file.");
      if (extension === "json") {
        return { errors: job.errors.map(({ row, reason }) => `[${row}]: ${reason}`) };
      }
      const csv = await jobs.upload(job);
      if (csv === undefined) throw entityNotFound("No such file.");
      return reply.type("text/csv; charset=utf-8").send(csv);
    },
  );
}
