import type { FastifyInstance } from "fastify";
import type { Cloud } from "../cloud.js";
import { tagsInUse } from "../devices/list.js";
import { topicPrefix } from "../devices/shadow.js";
import { callerOf } from "../http/authentication.js";
import { readingOf } from "../http/reading.js";

/** FetchAccountInfo and ListTags. */
export function accountRoutes(app: FastifyInstance, cloud: Cloud): void {
  app.get(
    "/account",
    { config: { operation: { id: "FetchAccountInfo", access: "read", success: 200 } } },
    (request) => {
      const { team, apiKey } = callerOf(request);
      return {
        // A client that reaches the API under a name reaches the broker under it too.
        mqttEndpoint: cloud.broker === undefined ? "mqtt.nrfcloud.com" : request.hostname,
        ...(cloud.broker === undefined ? {} : { mqttPort: cloud.broker.port }),
        mqttTopicPrefix: topicPrefix(team.tenantId),
        team: { tenantId: team.tenantId, name: team.name },
        role: apiKey.role,
        userId: team.tenantId,
        tags: apiKey.groups ?? [],
        plan: {
          name: "ENTERPRISE",
          limits: {
            devices: cloud.settings.deviceLimit,
            monthlyFOTAJobExecutions: 1_000_000,
            monthlyStoredDeviceMessages: 1_000_000,
            monthlyLocationServiceRequests: 1_000_000,
            messageRoutingServiceDestinations: 10,
          },
          proxyUsageDeclarations: { AGPS: 0, PGPS: 0, GROUND_FIX: 0 },
          overages: {},
        },
      };
    },
  );

  app.get(
    "/account/tags",
    { config: { operation: { id: "ListTags", access: "read", success: 200 } } },
    (request) => {
      const items = tagsInUse(cloud, callerOf(request), readingOf(request).at);
      return { items, total: items.length };
    },
  );
}
