import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { accountRoutes } from "./account/routes.js";
import { adminRoutes } from "./admin.js";
import { bulkFileRoutes, bulkRoutes } from "./bulk/routes.js";
import type { Cloud } from "./cloud.js";
import { deviceRoutes } from "./devices/routes.js";
import { faultHooks } from "./faults/hooks.js";
import { ApiError, badRequest, bodyTooLarge, noSuchRoute } from "./errors.js";
import { authenticate } from "./http/authentication.js";
import { requireOwn } from "./http/foreign.js";
import { openApiDocument, type ServedOperation } from "./http/openapi.js";
import { shownPath } from "./http/shownPath.js";
import { Traffic } from "./http/traffic.js";
import { claimRoutes } from "./identity/claimRoutes.js";
import { provisioningRoutes } from "./identity/provisioningRoutes.js";
import { jitpRoutes } from "./jitp/routes.js";
import { organizationRoutes } from "./organization/routes.js";
import type { Settings } from "./settings.js";
import { pageAdminRoutes, pagePath, pageRoute } from "./page/routes.js";
import type { Callers, Team } from "./teams.js";

const maximalBodyBytes = 10 * 1024 * 1024;

const adminPrefix = "/_emulator";

/** The Identity and Provisioning service: another host in reality, a path here. */
export const identityPrefix = "/provisioning/v1";

export interface ServerOptions {
  readonly teams: readonly Team[];
  readonly callers: Callers;
  /** The address that it is to listen on. */
  readonly host: string;
  /** The settings after a reset. */
  readonly initialSettings: Readonly<Settings>;
  /** Gets a line for every request. */
  readonly log?: ((line: string) => void) | undefined;
}

/** The emulated cloud as an HTTP server that does not listen yet. */
export function createServer(
  cloud: Cloud,
  { teams, callers, host, initialSettings, log }: ServerOptions,
): FastifyInstance {
  const app = fastify({
    bodyLimit: maximalBodyBytes,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: (error, _request, reply) => {
      const { status, code, message } = asApiError(error);
      const body = JSON.stringify({ code, message });
      const headers = {
        "content-type": "application/json; charset=utf-8",
        "content-length": Buffer.byteLength(body),
      };
      reply.raw.writeHead(status, headers).end(body);
    },
  });
  const traffic = new Traffic();
  const served: ServedOperation[] = [];

  // Bodies arrive as they were sent: clients in use label JSON, CSV and plain text in different ways.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });
  app.decorateRequest("caller", undefined);
  app.addHook("onRequest", (request, reply, done) => {
    const at = Date.now();
    reply.raw.once("close", () => {
      note(request, reply, at);
    });
    requireOwn(request, host);
    request.caller = authenticate(request, callers);
    done();
  });
  faultHooks(app, cloud, callers.byApiKey);
  // It also records an answer that a fault prevents.
  const note = (request: FastifyRequest, reply: FastifyReply, at: number) => {
    const outcome = reply.raw.writableFinished ? reply.statusCode : "connection closed";
    log?.(`${request.method} ${request.url} ${outcome}`);
    const route = request.routeOptions.url ?? "(unknown route)";
    if (route === pagePath || route.startsWith(adminPrefix)) return;
    traffic.add({
      at,
      method: request.method,
      route,
      path: shownPath(request),
      operation: request.routeOptions.config.operation?.id,
      status: reply.raw.writableFinished ? reply.statusCode : undefined,
      milliseconds: Date.now() - at,
      authorized: request.headers.authorization !== undefined,
      bytesIn: Number(request.headers["content-length"] ?? 0),
      bytesOut: Number(reply.getHeader("content-length") ?? 0),
    });
  };
  app.addHook("onRoute", ({ method, path, config }) => {
    const operation = config?.operation;
    if (operation !== undefined && path.startsWith("/v1/"))
      served.push({ method: String(method), path, operation });
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    sendError(reply, asApiError(error));
  });
  app.setNotFoundHandler((request, reply) => {
    sendError(reply, noSuchRoute(request.method, request.url));
  });

  app.register(
    (api, _options, done) => {
      statusRoutes(api, served);
      accountRoutes(api, cloud);
      deviceRoutes(api, cloud);
      jitpRoutes(api, cloud);
      bulkRoutes(api, cloud);
      done();
    },
    { prefix: "/v1" },
  );
  app.register(
    (identity, _options, done) => {
      claimRoutes(identity, cloud);
      provisioningRoutes(identity, cloud);
      done();
    },
    { prefix: identityPrefix },
  );
  app.register(
    (organization, _options, done) => {
      organizationRoutes(organization, cloud, asApiError);
      done();
    },
    { prefix: "/v1" },
  );
  bulkFileRoutes(app, cloud);
  pageRoute(app);
  app.register(
    (admin, _options, done) => {
      pageAdminRoutes(admin, { cloud, traffic, teams });
      adminRoutes(admin, cloud, traffic, initialSettings);
      done();
    },
    { prefix: adminPrefix },
  );
  return app;
}

/** GetSystemStatus and the specification: the two that need no key. */
function statusRoutes(api: FastifyInstance, served: readonly ServedOperation[]): void {
  api.get(
    "/status",
    { config: { operation: { id: "GetSystemStatus", access: "public", success: 200 } } },
    () => ({ status: "online", login: "true" }),
  );
  api.get(
    "/openapi.json",
    { config: { operation: { id: "FetchOpenApi", access: "public", success: 200 } } },
    () => openApiDocument(served),
  );
}

function asApiError(error: Error & { statusCode?: number; code?: string | number }): ApiError {
  if (error instanceof ApiError) return error;
  if (error.statusCode === 413) return bodyTooLarge("The body is larger than 10 MB.");
  if (error.statusCode !== undefined && error.statusCode < 500) return badRequest(error.message);
  process.emitWarning(`the emulator failed to answer a request: ${error.stack ?? error.message}`);
  return new ApiError(50000, "Internal error of the emulator.");
}

function sendError(reply: FastifyReply, { status, code, message }: ApiError): void {
  reply.status(status).send({ code, message });
}
