import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { Cloud } from "../cloud.js";
import { invalid } from "../errors.js";
import { isTextArray, jsonObject, textBody } from "../http/json.js";
import { Query } from "../http/query.js";
import { mintToken, type Attestation } from "./attestationToken.js";
import { claimView } from "./claim.js";
import { imeiOf } from "./identityKeys.js";
import { connectClaimedDevice } from "./online.js";

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const nrf9151 = 6;
const maximalDeviceType = 23;
/** The firmware of simulated devices. */
const firmwareId = "0e0f4e52-4639-4151-8602-000000000001";
const maximalCount = 10_000;

/** The part of the admin API that plays the devices of the Identity and Provisioning service. */
export function identityAdminRoutes(app: FastifyInstance, cloud: Cloud): void {
  const { identity } = cloud;

  app.post("/identity/tokens", (request, reply) => {
    const items = parseDevices(textBody(request.body) === "" ? {} : jsonObject(request.body)).map(
      (device) => ({
        ...device,
        imei: imeiOf(device.deviceId),
        token: mintToken(identity.keys, device),
      }),
    );
    if (new Query(request.query).choice("format", ["json", "csv"]) !== "csv") return { items };
    // As Nordic's gather_attestation_tokens writes it.
    const time = new Date().toISOString();
    const rows = items.map(({ imei, deviceId, token }) => `${imei},${deviceId},${token},${time}\n`);
    return reply.type("text/csv; charset=utf-8").send(rows.join(""));
  });

  app.get("/identity/claims", () => ({
    items: [...identity.claims.values()].map((claim) => ({
      ...claimView(claim),
      commands: claim.commands.length,
      onboarded: cloud.registry.latest(claim.deviceId)?.tenantId === claim.tenantId,
    })),
  }));

  app.post("/identity/online", (request) => {
    const { deviceIds, ...others } = jsonObject(request.body);
    if (!isTextArray(deviceIds) || Object.keys(others).length > 0) {
      throw invalid(["the body must be {deviceIds: array of UUIDs}"]);
    }
    return { items: deviceIds.map((deviceId) => ({ deviceId, ...connectClaimedDevice(cloud, deviceId) })) };
  });
}

/** The devices for new tokens: one with the given id, or the requested number of new devices. */
function parseDevices(body: Record<string, unknown>): Attestation[] {
  const { deviceUuid, deviceType = nrf9151, count = 1, ...others } = body;
  const problems = Object.keys(others).map((name) => `${name} is not known`);
  if (deviceUuid !== undefined && !(typeof deviceUuid === "string" && uuidPattern.test(deviceUuid))) {
    problems.push("deviceUuid must be a lower-case UUID");
  }
  if (!isWholeNumber(deviceType, maximalDeviceType)) {
    problems.push(`deviceType must be a whole number up to ${maximalDeviceType}`);
  }
  if (!isWholeNumber(count, maximalCount))
    problems.push(`count must be a whole number up to ${maximalCount}`);
  if (problems.length > 0) throw invalid(problems);
  return Array.from({ length: Number(count) }, () => ({
    deviceId: typeof deviceUuid === "string" ? deviceUuid : randomUUID(),
    deviceType: Number(deviceType),
    firmwareId,
  }));
}

const isWholeNumber = (value: unknown, maximum: number) =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maximum;
