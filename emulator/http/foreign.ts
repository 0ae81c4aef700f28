import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import { foreign } from "../errors.js";
import { serverNames } from "../serverNames.js";

/**
 * Refuses requests of web pages. A browser on this machine can reach the emulator for any page, and the admin API needs no key.
 *
 * A page of another site has a foreign `Origin`. A page whose name resolves to this machine (DNS rebinding) has a foreign name in
 * `Host`. An IP address in `Host` is always allowed.
 *
 * @param listensOn the address that the server listens on
 * @throws ApiError 40300
 */
export function requireOwn({ headers }: Pick<FastifyRequest, "headers">, listensOn: string): void {
  const { host = "", origin } = headers;
  const { hostname } = URL.parse(`http://${host}`) ?? { hostname: "" };
  const name = hostname.replace(/^\[|\]$/g, "");
  const isOwn =
    isIP(name) !== 0 ||
    name.endsWith(".localhost") ||
    serverNames(listensOn).some((own) => own.toLowerCase() === name);
  if (!isOwn)
    throw foreign(`The emulator is not ${JSON.stringify(host)}. Ask it by its address, or as localhost.`);
  if (origin !== undefined && origin !== `http://${host}`)
    throw foreign(`A web page of ${JSON.stringify(origin)} may not use the emulator.`);
}
