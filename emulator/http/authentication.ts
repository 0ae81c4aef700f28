import type { FastifyRequest } from "fastify";
import { accessDenied } from "../errors.js";
import type { Caller, Callers } from "../teams.js";
import { mayWrite } from "./operation.js";

/** Finds the sender of a request; 40100 if the key or token is missing, unknown or not allowed to do this. */
export function authenticate(
  request: FastifyRequest,
  { byApiKey, byOrganizationToken }: Callers,
): Caller | undefined {
  const access = request.routeOptions.config.operation?.access ?? "public";
  if (access === "public") return undefined;
  const [, key] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (access === "organization") {
    const caller = key === undefined ? undefined : byOrganizationToken.get(key);
    if (caller === undefined) throw accessDenied("Missing or unknown organization auth token.");
    return caller;
  }
  const caller = key === undefined ? undefined : byApiKey.get(key);
  if (caller === undefined) throw accessDenied("Access denied: missing or unknown API key.");
  if (access === "write" && !mayWrite(caller.apiKey.role)) {
    throw accessDenied(`Access denied: the role ${caller.apiKey.role} may not do this.`);
  }
  return caller;
}

/** The sender of a request to an operation that is not public. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw accessDenied("Access denied.");
  return request.caller;
}
