import type { FastifyInstance } from "fastify";
import type { Cloud } from "../cloud.js";
import { subTypeRule } from "../devices/rules.js";
import { invalid } from "../errors.js";
import { callerOf } from "../http/authentication.js";
import { Query } from "../http/query.js";
import { associate, dissociate } from "./association.js";
import { issueDeviceCertificate } from "./issue.js";
import { parseOwnershipCode } from "./ownershipCode.js";

interface ById {
  Params: { deviceId: string };
}

/** CreateDeviceCertificate, AssociateDevice and DissociateDevice: the just-in-time way in. */
export function jitpRoutes(app: FastifyInstance, cloud: Cloud): void {
  app.post<ById>(
    "/devices/:deviceId/certificates",
    { config: { operation: { id: "CreateDeviceCertificate", access: "write", success: 201 } } },
    (request, reply) => {
      const code = parseOwnershipCode(request.body);
      return reply.status(201).send(issueDeviceCertificate(cloud, request.params.deviceId, code));
    },
  );

  app.put<ById>(
    "/association/:deviceId",
    { config: { operation: { id: "AssociateDevice", access: "write", success: 202, query: ["subType"] } } },
    (request, reply) => {
      const code = parseOwnershipCode(request.body);
      const subType = new Query(request.query).text("subType") ?? "";
      const problem = subTypeRule(subType);
      if (problem !== undefined) throw invalid([`subType: ${problem}`]);
      const wanted = subType === "" ? undefined : subType;
      associate(cloud, callerOf(request), request.params.deviceId, code, wanted);
      return reply.status(202).send();
    },
  );

  app.delete<ById>(
    "/association/:deviceId",
    { config: { operation: { id: "DissociateDevice", access: "write", success: 202 } } },
    (request, reply) => {
      dissociate(cloud, callerOf(request), request.params.deviceId);
      return reply.status(202).send();
    },
  );
}
