import type { Caller, Role } from "../teams.js";
import type { OperationId } from "./operationIds.js";

/** The public description of a route. The served OpenAPI document consists of these. */
export interface Operation {
  readonly id: OperationId;
  /** Who may call it: anybody, every member of the team, every member but viewers, or the team's organization. */
  readonly access: "public" | "read" | "write" | "organization";
  readonly success: 200 | 201 | 202 | 204;
  readonly query?: readonly string[];
}

declare module "fastify" {
  interface FastifyContextConfig {
    operation?: Operation;
  }
  interface FastifyRequest {
    /** Who sent the request; undefined outside the API and in public operations. */
    caller: Caller | undefined;
  }
}

export const mayWrite = (role: Role): boolean => role !== "viewer";
