import type { FastifyRequest } from "fastify";
import { deviceIdRule } from "../devices/rules.js";
import { isRecord } from "./json.js";

/** Replaces a hidden part of a path. */
const hidden = "…";

/**
 * The path of a request for people: the route, with the ids of devices, jobs and claims. The query is left out, and so are an
 * unknown path, the unguessable names of files, and whatever else is not an id.
 */
export function shownPath({ routeOptions, params }: Pick<FastifyRequest, "routeOptions" | "params">): string {
  const { url: route } = routeOptions;
  if (route === undefined) return "(unknown route)";
  const values = isRecord(params) ? params : {};
  return route.replace(/:(\w+)/g, (_, name: string) => {
    const value = String(values[name]);
    return deviceIdRule(value) === undefined ? value : hidden;
  });
}
