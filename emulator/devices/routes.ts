import type { FastifyInstance, FastifyRequest } from "fastify";
import type { BulkEndpoint } from "../bulk/job.js";
import type { Cloud } from "../cloud.js";
import type { ApiError } from "../errors.js";
import {
  badRequest,
  invalid,
  nothingToDelete,
  planLimitExceeded,
  versionMismatch,
  wrongOwnershipCode,
} from "../errors.js";
import { courseOf, type JobOperation } from "../faults/jobs.js";
import { callerOf } from "../http/authentication.js";
import { jsonBody, jsonObject, textBody } from "../http/json.js";
import { pageRequest, takePage } from "../http/page.js";
import { Query } from "../http/query.js";
import { readingOf } from "../http/reading.js";
import { isCodeOf, trimmedCode } from "../jitp/ownershipCode.js";
import { changeableDevice, sees, visibleDevice } from "./access.js";
import { parseName, parseOnboarding, parseState, parseTags } from "./bodies.js";
import { listDevices, listParameters, tagsInUse } from "./list.js";
import { onboard } from "./onboard.js";
import { limitExceeded, type Refusal } from "./refusal.js";
import { shadowOf } from "./shadow.js";
import { deleteDevice, updateShadow } from "./thing.js";
import { deviceView } from "./view.js";

interface ById {
  Params: { deviceId: string };
}

/** The operations on devices. */
export function deviceRoutes(app: FastifyInstance, cloud: Cloud): void {
  bulkUploads(app, cloud);
  creation(app, cloud);
  reading(app, cloud);
  changes(app, cloud);
  deletion(app, cloud);
}

/** OnboardDevices, RegisterCertificates and RegisterPublicKeys: accepted now, done by a bulk job. */
function bulkUploads(app: FastifyInstance, { jobs, settings, registry, faults }: Cloud): void {
  const upload = (path: string, id: JobOperation, endpoint: BulkEndpoint) => {
    const config = { operation: { id, access: "write", success: 202 } } as const;
    app.post(path, { config }, async (request, reply) => {
      requireCsv(request);
      const { tenantId } = callerOf(request).team;
      if (endpoint === "ONBOARD_DEVICES" && registry.count(tenantId) >= settings.deviceLimit) {
        throw apiError(limitExceeded(settings.deviceLimit));
      }
      const job = await jobs.submit(endpoint, tenantId, textBody(request.body), (rows) =>
        courseOf(faults, id, rows),
      );
      return reply.status(202).send({ bulkOpsRequestId: job.id });
    });
  };
  upload("/devices", "OnboardDevices", "ONBOARD_DEVICES");
  upload("/devices/certificates", "RegisterCertificates", "REGISTER_CERTIFICATES");
  upload("/devices/public-keys", "RegisterPublicKeys", "REGISTER_PUBLIC_KEYS");
}

function creation(app: FastifyInstance, cloud: Cloud): void {
  app.post<ById>(
    "/devices/:deviceId",
    { config: { operation: { id: "OnboardDevice", access: "write", success: 202 } } },
    (request, reply) => {
      const onboarding = parseOnboarding(request.params.deviceId, jsonObject(request.body));
      const refusal = onboard(cloud, callerOf(request).team.tenantId, onboarding);
      if (refusal !== undefined) throw apiError(refusal);
      return reply.status(202).send();
    },
  );
}

function reading(app: FastifyInstance, cloud: Cloud): void {
  app.get(
    "/devices",
    { config: { operation: { id: "ListDevices", access: "read", success: 200, query: listParameters } } },
    (request) => listDevices(cloud, callerOf(request), new Query(request.query), readingOf(request)),
  );

  app.get<ById>(
    "/devices/:deviceId",
    { config: { operation: { id: "FetchDevice", access: "read", success: 200 } } },
    (request) => {
      if (new Query(request.query).has("transform"))
        throw invalid(["transform is not served by this emulator"]);
      const { at } = readingOf(request);
      const device = visibleDevice(cloud.registry, callerOf(request), request.params.deviceId, at);
      return deviceView(cloud, device, "values and metadata", at);
    },
  );

  const query = ["pageLimit", "pageNextToken"];
  app.get(
    "/devices/tags",
    { config: { operation: { id: "ListDeviceTags", access: "read", success: 200, query } } },
    (request) => {
      const parameters = new Query(request.query);
      if (!parameters.has("pageLimit")) throw invalid(["pageLimit is required"]);
      const reading = readingOf(request);
      const page = pageRequest(parameters, reading);
      const { after } = page;
      const tags = tagsInUse(cloud, callerOf(request), reading.at).filter(
        (tag) => after === undefined || tag > after,
      );
      return takePage(
        page,
        tags,
        (tag) => tag,
        (tag) => tag,
      );
    },
  );
}

function changes(app: FastifyInstance, { registry, events }: Cloud): void {
  app.put<ById>(
    "/devices/:deviceId/name",
    { config: { operation: { id: "UpdateDeviceName", access: "write", success: 202 } } },
    (request, reply) => {
      const name = parseName(jsonBody(request.body));
      const device = changeableDevice(registry, callerOf(request), request.params.deviceId);
      registry.change(device, { name }, "delayed");
      return reply.status(202).send();
    },
  );

  app.put<ById>(
    "/devices/:deviceId/tags",
    { config: { operation: { id: "UpdateDeviceTags", access: "write", success: 202 } } },
    (request, reply) => {
      const tags = parseTags(jsonBody(request.body));
      const device = changeableDevice(registry, callerOf(request), request.params.deviceId);
      registry.change(device, { tags }, "delayed");
      return reply.status(202).send();
    },
  );

  app.patch<ById>(
    "/devices/:deviceId/state",
    { config: { operation: { id: "UpdateDeviceState", access: "write", success: 202 } } },
    (request, reply) => {
      const change = parseState(jsonObject(request.body));
      const device = changeableDevice(registry, callerOf(request), request.params.deviceId);
      const shadow = shadowOf(device);
      const expected = request.headers["if-match"]?.replaceAll('"', "");
      if (expected !== undefined && expected !== String(shadow.version)) {
        throw versionMismatch(`The state is at version ${shadow.version}, not ${expected}.`);
      }
      updateShadow({ registry, events }, device, change);
      return reply.status(202).send();
    },
  );
}

function deletion(app: FastifyInstance, cloud: Cloud): void {
  app.delete<ById>(
    "/devices/:deviceId",
    { config: { operation: { id: "DeleteDevice", access: "write", success: 202 } } },
    (request, reply) => {
      const caller = callerOf(request);
      const { deviceId } = request.params;
      const device = cloud.registry.latest(deviceId);
      if (device !== undefined && device.tenantId === undefined) {
        if (!isCodeOf(cloud, deviceId, trimmedCode(request.body))) {
          throw wrongOwnershipCode(
            "The device is not associated: its ownership code must be given to delete it.",
          );
        }
        deleteDevice(cloud, device, "immediate");
        return reply.status(202).send();
      }
      if (device?.tenantId !== caller.team.tenantId || !sees(caller, device)) {
        throw nothingToDelete(
          `No device with id ${JSON.stringify(deviceId)} in the account or the registry.`,
        );
      }
      deleteDevice(cloud, device, "delayed");
      return reply.status(202).send();
    },
  );
}

function requireCsv(request: FastifyRequest): void {
  const [type = ""] = (request.headers["content-type"] ?? "").split(";");
  if (!csvTypes.includes(type.trim().toLowerCase())) {
    throw invalid([`the content type must be one of ${csvTypes.join(", ")}`]);
  }
}

const csvTypes = ["text/plain", "application/octet-stream", "text/csv"];

/** The error of a single call for what would be a row's error in a bulk job. */
function apiError({ kind, message }: Refusal): ApiError {
  switch (kind) {
    case "invalid":
      return invalid([message]);
    case "conflict":
      return badRequest(message);
    case "limit":
      return planLimitExceeded(message);
  }
}
