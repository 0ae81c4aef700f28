import http from "node:http";
import https from "node:https";
import { afterEach, beforeEach } from "vitest";
import type { Clock } from "../../provider/engine/clock.js";
import { Transport } from "../../provider/cloud/transport.js";

/** The key of all tests here; nothing that leaves the transport may show it. */
export const API_KEY = "0123456789abcdef-never-show-me";

/** What the server was asked. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** What it answers; `broken` ends the connection without an answer, or within one. */
export type Answer =
  | {
      readonly status: number;
      readonly headers?: http.OutgoingHttpHeaders;
      /** JSON unless it is a text. */
      readonly body?: unknown;
    }
  | { readonly broken: "before" | "within"; readonly status?: number }
  /** One byte after the other. */
  | { readonly dripping: string; readonly everyMs: number };

export type Handler = (asked: Asked, nth: number) => Answer | Promise<Answer>;

/** An HTTP server that answers as a test says. */
export class TestServer {
  readonly asked: Asked[] = [];
  readonly sockets = new Set<unknown>();
  private readonly server: http.Server | https.Server;
  private port: number | undefined;

  /** @param tls what it proves itself with; without, it speaks plain HTTP */
  constructor(
    private handler: Handler = () => ({ status: 404 }),
    private readonly tls?: https.ServerOptions,
  ) {
    const serve = (request: http.IncomingMessage, response: http.ServerResponse) =>
      void this.serve(request, response);
    this.server = tls === undefined ? http.createServer(serve) : https.createServer(tls, serve);
  }

  answer(handler: Handler): void {
    this.handler = handler;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.listen(0, "127.0.0.1", resolve);
    });
    const address = this.server.address();
    if (typeof address === "object") this.port = address?.port;
  }

  async stop(): Promise<void> {
    const stopped = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await stopped;
  }

  /** Where it listens; still known after it was stopped. */
  get origin(): string {
    if (this.port === undefined) throw new Error("the server was never started");
    return `${this.tls === undefined ? "http" : "https"}://127.0.0.1:${this.port}`;
  }

  /** The requests as `GET /v1/account`. */
  get lines(): string[] {
    return this.asked.map(({ method, url }) => `${method} ${url.pathname}`);
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
    const asked: Asked = {
      method: request.method ?? "",
      url: new URL(request.url ?? "", this.origin),
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    this.asked.push(asked);
    this.sockets.add(request.socket);
    const answer = await this.handler(asked, this.asked.length);
    if ("broken" in answer) {
      if (answer.broken === "before") {
        request.socket.resetAndDestroy();
        return;
      }
      response.writeHead(answer.status ?? 200, { "Content-Length": 1000 });
      response.write('{"bulkOps', () => request.socket.destroy());
      return;
    }
    if ("dripping" in answer) {
      response.writeHead(200, { "Content-Length": Buffer.byteLength(answer.dripping) });
      for (const byte of answer.dripping) {
        response.write(byte);
        await new Promise((resolve) => setTimeout(resolve, answer.everyMs));
        if (request.socket.destroyed) return;
      }
      return;
    }
    const { status, headers = {}, body = "" } = answer;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(status, { "Content-Length": Buffer.byteLength(text), ...headers });
    response.end(text);
  }
}

/** A clock by which all waiting is over at once, and tells how long it would have been. */
export function quickClock(): Clock & { readonly slept: readonly number[] } {
  let ahead = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(Date.now() + ahead),
    sleep: (ms) => {
      slept.push(ms);
      ahead += ms;
      return Promise.resolve();
    },
  };
}

/** A server and a transport that is pointed at it, new for each test. */
export function useServer(): { readonly server: TestServer; readonly transport: Transport } {
  const use = {
    server: new TestServer(),
    transport: new Transport({ endpoint: "http://127.0.0.1:1/v1", apiKey: "" }),
  };
  beforeEach(async () => {
    use.server = new TestServer();
    await use.server.start();
    use.transport = transportTo(use.server);
  });
  afterEach(() => use.server.stop());
  return use;
}

export function transportTo(server: TestServer, timeoutMs?: number, clock: Clock = quickClock()): Transport {
  return new Transport({
    endpoint: `${server.origin}/v1`,
    apiKey: API_KEY,
    clock,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

/** What a call was rejected with. */
export async function rejection(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (thrown) {
    if (thrown instanceof Error) return thrown;
    throw new Error("it threw what is no error", { cause: thrown });
  }
  throw new Error("the call succeeded");
}
