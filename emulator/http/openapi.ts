import type { Operation } from "./operation.js";

/** One served route. */
export interface ServedOperation {
  readonly method: string;
  /** Fastify's notation, such as `/v1/devices/:deviceId`. */
  readonly path: string;
  readonly operation: Operation;
}

/** An OpenAPI 3 document of exactly the operations that are served. */
export function openApiDocument(served: readonly ServedOperation[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { method, path, operation } of served) {
    const template = path.replace(/^\/v1/, "").replace(/:(\w+)/g, "{$1}");
    const item = (paths[template] ??= {});
    item[method.toLowerCase()] = {
      operationId: operation.id,
      parameters: [
        ...[...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => parameter(name ?? "", "path")),
        ...(operation.query ?? []).map((name) => parameter(name, "query")),
      ],
      security: operation.access === "public" ? [] : [{ "Simple Token": [] }],
      responses: {
        [operation.success]: { description: "Success" },
        default: { description: "Error", content: { "application/json": { schema: errorSchema } } },
      },
    };
  }
  return {
    openapi: "3.0.3",
    info: { title: "nRF Cloud REST API, as far as this emulator serves it", version: "1.0.0" },
    servers: [{ url: "/v1" }],
    paths,
    components: { securitySchemes: { "Simple Token": { type: "http", scheme: "bearer" } } },
  };
}

const errorSchema = {
  type: "object",
  required: ["code", "message"],
  properties: { code: { type: "integer" }, message: { type: "string" } },
};

const parameter = (name: string, place: "path" | "query") => ({
  name,
  in: place,
  required: place === "path",
  schema: { type: "string" },
});
