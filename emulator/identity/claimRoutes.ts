import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Cloud } from "../cloud.js";
import { invalid } from "../errors.js";
import { callerOf } from "../http/authentication.js";
import { jsonBody, jsonObject, textBody } from "../http/json.js";
import { pageRequest, takePage } from "../http/page.js";
import { Query } from "../http/query.js";
import { readingOf } from "../http/reading.js";
import { parseClaim, parseTags } from "./bodies.js";
import { checkRows, claimRows } from "./bulkClaim.js";
import { claimView, seesClaim } from "./claim.js";
import { claimDevice, prepareClaim, unclaimDevice, visibleClaim } from "./claiming.js";

export interface ById {
  Params: { deviceId: string };
}

/** Claiming, reading and unclaiming devices. */
export function claimRoutes(app: FastifyInstance, cloud: Cloud): void {
  claiming(app, cloud);
  reading(app, cloud);
  changes(app, cloud);
}

function claiming(app: FastifyInstance, cloud: Cloud): void {
  const claim = (request: FastifyRequest, reply: FastifyReply) => {
    const isDryRun = new Query(request.query).flag("dryrun");
    if (!isJson(request)) return claimBulk(cloud, request, reply, isDryRun);
    const claimRequest = parseClaim(jsonObject(request.body));
    if (isDryRun) {
      prepareClaim(cloud, callerOf(request), claimRequest);
      return reply.status(202).send();
    }
    return reply.status(201).send(claimView(claimDevice(cloud, callerOf(request), claimRequest)));
  };
  const config = {
    operation: { id: "ClaimDeviceOwnership", access: "write", success: 201, query: ["dryrun"] },
  } as const;
  app.post("/claimed-devices", { config }, claim);
  // The older documentation's path.
  app.post("/identities/claimed-devices", { config }, claim);
}

function claimBulk(cloud: Cloud, request: FastifyRequest, reply: FastifyReply, isDryRun: boolean) {
  const work = isDryRun ? checkRows : claimRows;
  const { claimedIds, failed } = work(cloud, callerOf(request), textBody(request.body));
  if (failed.length > 0) {
    const message = `${failed.length} of ${failed.length + claimedIds.length} rows failed.`;
    return reply.status(400).send({ code: 40000, message, failed, claimedIds: isDryRun ? [] : claimedIds });
  }
  return isDryRun ? reply.status(202).send() : reply.status(201).send({ claimedIds });
}

/** Nordic's client sends CSV without saying so: what is not JSON is CSV. */
function isJson(request: FastifyRequest): boolean {
  const type = request.headers["content-type"] ?? "";
  return type.includes("json") || (type === "" && textBody(request.body).trimStart().startsWith("{"));
}

function reading(app: FastifyInstance, cloud: Cloud): void {
  const query = ["deviceIds", "tags", "pageLimit", "pageNextToken"];
  app.get(
    "/claimed-devices",
    { config: { operation: { id: "ListClaimedDevices", access: "read", success: 200, query } } },
    (request) => {
      const parameters = new Query(request.query);
      const reading = readingOf(request);
      const page = pageRequest(parameters, reading);
      const after = Number(page.after ?? 0);
      if (Number.isNaN(after)) throw invalid(["pageNextToken is not a token of this list"]);
      const [ids, tags] = [parameters.list("deviceIds"), parameters.list("tags")];
      const caller = callerOf(request);
      const claims = [...cloud.identity.claims.valuesAt(reading.at)]
        .filter((claim) => claim.sequence > after && seesClaim(caller, claim))
        .filter(({ deviceId }) => ids === undefined || ids.has(deviceId))
        .filter((claim) => tags === undefined || claim.tags.some((tag) => tags.has(tag)))
        .sort((a, b) => a.sequence - b.sequence);
      return takePage(page, claims, ({ sequence }) => String(sequence), claimView);
    },
  );

  app.get<ById>(
    "/claimed-devices/:deviceId",
    { config: { operation: { id: "FetchClaimedDevice", access: "read", success: 200 } } },
    (request) =>
      claimView(visibleClaim(cloud, callerOf(request), request.params.deviceId, readingOf(request).at)),
  );
}

function changes(app: FastifyInstance, cloud: Cloud): void {
  app.put<ById>(
    "/claimed-devices/:deviceId/tags",
    { config: { operation: { id: "UpdateClaimedDeviceTags", access: "write", success: 202 } } },
    (request, reply) => {
      const tags = parseTags(jsonBody(request.body));
      const claim = visibleClaim(cloud, callerOf(request), request.params.deviceId);
      cloud.identity.claims.set(claim.deviceId, { ...claim, tags });
      return reply.status(202).send();
    },
  );

  app.delete<ById>(
    "/claimed-devices/:deviceId",
    { config: { operation: { id: "UnclaimDevice", access: "write", success: 204 } } },
    (request, reply) => {
      unclaimDevice(cloud, callerOf(request), request.params.deviceId);
      return reply.status(204).send();
    },
  );
}
