import type { FastifyInstance } from "fastify";
import type { Cloud } from "./cloud.js";
import { entityNotFound, invalid } from "./errors.js";
import { parseName, parseTags } from "./devices/bodies.js";
import { deleteDevice } from "./devices/thing.js";
import { bulkFirmwareTypeRule, subTypeRule } from "./devices/rules.js";
import { shadowOf } from "./devices/shadow.js";
import { deviceType } from "./devices/view.js";
import { faultAdminRoutes } from "./faults/adminRoutes.js";
import { identityAdminRoutes } from "./identity/adminRoutes.js";
import { isTextArray, jsonObject } from "./http/json.js";
import { jitpView } from "./jitp/view.js";
import { Query } from "./http/query.js";
import type { Traffic } from "./http/traffic.js";
import { changeSettings, settingsView, type Settings } from "./settings.js";
import type { Device } from "./store/device.js";
import type { DeviceChange } from "./store/registry.js";

interface ById {
  Params: { deviceId: string };
}

/**
 * The admin API for tests and tools under `/_emulator`. It is not a part of nRF Cloud, and has no authentication and no delay. It shows the real content and changes it without the clients.
 *
 * @param initial the settings after a reset
 */
export function adminRoutes(
  app: FastifyInstance,
  cloud: Cloud,
  traffic: Traffic,
  initial: Readonly<Settings>,
): void {
  const { registry, credentials, jitp, settings } = cloud;

  app.get("/devices", (request) => {
    const team = new Query(request.query).text("team");
    const devices = [...registry.latestDevices()].filter(
      ({ tenantId }) => team === undefined || tenantId === team,
    );
    return {
      total: devices.length,
      items: devices.sort((a, b) => a.sequence - b.sequence).map((device) => adminView(cloud, device)),
    };
  });

  app.delete<ById>("/devices/:deviceId", (request, reply) => {
    const device = existing(cloud, request.params.deviceId);
    deleteDevice(cloud, device, "immediate");
    return reply.status(202).send();
  });

  app.patch<ById>("/devices/:deviceId", (request) => {
    const device = existing(cloud, request.params.deviceId);
    return adminView(cloud, registry.change(device, parseChange(jsonObject(request.body)), "immediate"));
  });

  app.get("/credentials", () => ({ items: Object.fromEntries(credentials.entries()) }));

  app.get("/jitp", () => ({
    items: [...jitp.entries()].flatMap(([, certificates]) =>
      certificates.map((certificate) => jitpView(cloud, certificate)),
    ),
  }));

  app.get("/mqtt", () => {
    const { broker } = cloud;
    if (broker === undefined) throw entityNotFound("This emulator runs without an MQTT broker.");
    return { host: broker.host, port: broker.port, caCert: broker.caCert };
  });
  app.get("/connections", () => ({
    items: cloud.broker?.connections() ?? [],
    refused: cloud.broker?.refusals() ?? [],
  }));

  identityAdminRoutes(app, cloud);
  faultAdminRoutes(app, cloud.faults);

  app.get("/requests", () => traffic.view());
  app.delete("/requests", (_request, reply) => {
    traffic.reset();
    return reply.status(202).send();
  });

  app.get("/settings", () => settingsView(settings));
  app.put("/settings", (request) => {
    changeSettings(settings, jsonObject(request.body));
    return settingsView(settings);
  });

  app.post("/reset", async (_request, reply) => {
    await cloud.jobs.clear();
    cloud.registrations.stop();
    registry.clear();
    credentials.clear();
    jitp.clear();
    cloud.identity.clear();
    cloud.broker?.forgetRefusals();
    traffic.reset();
    cloud.faults.clear();
    Object.assign(settings, initial);
    return reply.status(202).send();
  });
}

function existing({ registry }: Cloud, deviceId: string): Device {
  const device = registry.latest(deviceId);
  if (device === undefined) throw entityNotFound(`No device ${JSON.stringify(deviceId)} in any team.`);
  return device;
}

function adminView({ credentials }: Cloud, device: Device) {
  const { id, tenantId, name, subType, tags, firmwareTypes, createdAt, updatedAt } = device;
  const registered = credentials.of(id);
  const certificate = registered?.certificate;
  return {
    id,
    tenantId,
    name,
    type: deviceType(device),
    subType,
    tags,
    firmwareTypes,
    stateVersion: shadowOf(device).version,
    createdAt: new Date(createdAt).toISOString(),
    ...(updatedAt === undefined ? {} : { updatedAt: new Date(updatedAt).toISOString() }),
    publicKey: registered?.publicKey,
    ...(certificate === undefined
      ? {}
      : { certificate: { ...certificate, commonNameIsDeviceId: certificate.commonName === id } }),
  };
}

function parseChange(body: Record<string, unknown>): DeviceChange {
  const { name, subType, tags, firmwareTypes, ...others } = body;
  const problems = Object.keys(others).map((key) => `${key} cannot be changed`);
  if (subType !== undefined && (typeof subType !== "string" || subTypeRule(subType) !== undefined)) {
    problems.push("subType is not valid");
  }
  if (
    firmwareTypes !== undefined &&
    !(isTextArray(firmwareTypes) && firmwareTypes.every((type) => bulkFirmwareTypeRule(type) === undefined))
  ) {
    problems.push("firmwareTypes is not valid");
  }
  if (problems.length > 0) throw invalid(problems);
  return {
    ...(name === undefined ? {} : { name: parseName(name) }),
    ...(typeof subType === "string" ? { subType } : {}),
    ...(tags === undefined ? {} : { tags: parseTags(tags) }),
    ...(isTextArray(firmwareTypes) ? { firmwareTypes } : {}),
  };
}
