import type { FastifyInstance } from "fastify";
import { jsonBody } from "../http/json.js";
import type { Faults } from "./faults.js";
import { parsePlan } from "./plan.js";

/** The part of the admin API that sets, shows and clears the plan of faults. */
export function faultAdminRoutes(app: FastifyInstance, faults: Faults): void {
  app.get("/faults", () => faults.view());
  app.put("/faults", (request) => {
    faults.set(parsePlan(jsonBody(request.body)));
    return faults.view();
  });
  app.delete("/faults", (_request, reply) => {
    faults.clear();
    return reply.status(202).send();
  });
}
