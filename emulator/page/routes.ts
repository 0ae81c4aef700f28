import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyInstance, FastifyReply } from "fastify";
import { Query } from "../http/query.js";
import { concealer } from "./concealer.js";
import { overviewOf, type PageSources } from "./overview.js";
import { viewOf } from "./view.js";

/** The path of the page for people. */
export const pagePath = "/";

/** The files for a browser, unchanged from the folder. */
const files = {
  "index.html": "text/html; charset=utf-8",
  "style.css": "text/css; charset=utf-8",
  "main.mjs": "text/javascript; charset=utf-8",
  "choice.mjs": "text/javascript; charset=utf-8",
  "elements.mjs": "text/javascript; charset=utf-8",
  "poll.mjs": "text/javascript; charset=utf-8",
  "sections.mjs": "text/javascript; charset=utf-8",
  "words.mjs": "text/javascript; charset=utf-8",
} as const;

type FileName = keyof typeof files;

/** The page runs only code from this server, sends nothing elsewhere, and can't be part of another page. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page that shows the emulated account to people. */
export function pageRoute(app: FastifyInstance): void {
  app.get(pagePath, (_request, reply) => send(reply, "index.html"));
}

/** The files and the data of the page. They are a part of the admin API, because they need no key. */
export function pageAdminRoutes(app: FastifyInstance, sources: PageSources): void {
  for (const name of Object.keys(files) as FileName[]) {
    app.get(`/page/${name}`, (_request, reply) => send(reply, name));
  }
  const conceal = concealer(sources.teams);
  app.get("/page", (request, reply) => {
    const overview = overviewOf(sources, viewOf(new Query(request.query), sources.teams));
    return guarded(reply).type("application/json; charset=utf-8").send(JSON.stringify(overview, conceal));
  });
}

async function send(reply: FastifyReply, name: FileName): Promise<FastifyReply> {
  const content = await readFile(join(__dirname, "browser", name), "utf8");
  return guarded(reply).type(files[name]).send(content);
}

function guarded(reply: FastifyReply): FastifyReply {
  return reply.headers({
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  });
}
