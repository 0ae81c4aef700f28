import http from "node:http";
import https from "node:https";
import type { ValidateFunction } from "ajv";
import axios, { isAxiosError, type AxiosError, type AxiosInstance } from "axios";
import axiosRetry, { exponentialDelay, isNetworkError, retryAfter } from "axios-retry";
import { isErrorBody } from "./answers.js";
import {
  NoAnswerError,
  NotUnderstoodError,
  RefusedError,
  type Asked,
  type CloudError,
  isNotFound,
} from "./errors.js";

/** Requests in flight at once; further ones wait for a free connection. */
const CONNECTIONS = 16;
/** How often a request is repeated at most, with growing pauses and jitter: about 6 s in all. */
const RETRIES = 5;
/** A service that asks for a longer pause than this is given up on: nobody watches a terminal for an hour. */
const LONGEST_PAUSE_MS = 60_000;

/** The device API itself. */
export const DEFAULT_ENDPOINT = "https://api.nrfcloud.com/v1";
/** The Identity and Provisioning service itself. */
export const DEFAULT_IDENTITY_ENDPOINT = "https://api.provisioning.nrfcloud.com/v1";

export interface TransportOptions {
  /** Base URL of the API with its version, e.g. `https://api.nrfcloud.com/v1`. */
  readonly endpoint: string;
  /** API key of the team. Sent to the endpoint's host only; redirects are not followed. */
  readonly apiKey: string;
  /** How long one request may take, in milliseconds. Default 60 s. */
  readonly timeoutMs?: number;
}

interface Answer {
  readonly status: number;
  readonly data: string;
}

export interface Request extends Asked {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path below the endpoint. Build it with {@link path}, which escapes what users chose. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: "application/json" | "text/csv" | "text/plain"; readonly text: string };
}

declare module "axios" {
  interface AxiosRequestConfig {
    /** Whether sending this request twice does no more than sending it once. */
    repeatable?: boolean;
  }
}

/** Sends requests to nRF Cloud with the team's API key. The one place that knows how and when to repeat them. */
export class Transport {
  private readonly authorized: AxiosInstance;
  private readonly anonymous: AxiosInstance;
  private readonly host: string;
  /** Connections for what is not repeatable: one that was idle may be closed just as it is used again. */
  private readonly fresh = agents({ keepAlive: false });

  constructor({ endpoint, apiKey, timeoutMs = 60_000 }: TransportOptions) {
    const { host, hostname } = new URL(endpoint);
    this.host = host;
    const shared = {
      timeout: timeoutMs,
      maxRedirects: 0,
      responseType: "text",
      // Left alone, axios would parse what looks like JSON and quote what is sent as JSON.
      transformResponse: (body: unknown) => body,
      transformRequest: (body: unknown) => body,
      ...agents({ keepAlive: true }),
      // A proxy that the environment names can't reach an endpoint on this machine.
      ...(isLoopback(hostname) ? { proxy: false as const } : {}),
    } as const;
    this.authorized = withRetries(
      axios.create({ ...shared, baseURL: endpoint, headers: { Authorization: `Bearer ${apiKey}` } }),
    );
    this.anonymous = withRetries(axios.create(shared));
  }

  /** Sends a request whose answer is read. @throws CloudError */
  async ask<T>(request: Request, answer: ValidateFunction<T>): Promise<T> {
    return this.decode(request, (await this.send(request)).data, answer);
  }

  /**
   * Like `ask`, for operations that succeed in part: what is refused with a body of the answer's shape is answered.
   * @throws CloudError
   */
  async askInPart<T>(request: Request, answer: (body: unknown) => body is T): Promise<T> {
    const { status, data } = await this.send(request, (each) => each < 500 && each !== 429);
    const body = parseJson(data);
    if (status >= 300 && body === undefined) throw refused(request, status, data);
    if (answer(body)) return body;
    if (status >= 300) throw refused(request, status, data);
    throw new NotUnderstoodError(request, "the answer is not of the documented shape");
  }

  /** Like `ask`, for a thing that may not exist: `undefined` then. @throws CloudError */
  async askIfFound<T>(request: Request, answer: ValidateFunction<T>): Promise<T | undefined> {
    try {
      return await this.ask(request, answer);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Like `tell`, for a removal: that the thing is gone already is success. @throws CloudError */
  async tellToGo(request: Request): Promise<void> {
    try {
      await this.tell(request);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Sends a request of which only success matters. @throws CloudError */
  async tell(request: Request): Promise<void> {
    await this.send(request);
  }

  /**
   * Reads a file that nRF Cloud named, such as an error summary. It lies on a host of its own, so it is asked
   * without credentials.
   */
  async readFile(asked: Asked, url: string): Promise<string> {
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
      throw new NotUnderstoodError(
        asked,
        `it names a file at ${JSON.stringify(url)}, which is no web address`,
      );
    }
    const { data } = await this.attempt(asked, new URL(url).host, () =>
      this.anonymous.request<string>({ method: "GET", url, repeatable: true }),
    );
    return data;
  }

  private send(request: Request, isAnswer = (status: number) => status < 300): Promise<Answer> {
    const repeatable = request.method !== "POST";
    return this.attempt(request, this.host, () =>
      this.authorized.request<string>({
        method: request.method,
        url: request.path,
        repeatable,
        validateStatus: isAnswer,
        ...(repeatable ? {} : this.fresh),
        ...(request.query === undefined ? {} : { params: request.query }),
        ...(request.body === undefined
          ? {}
          : { data: request.body.text, headers: { "Content-Type": request.body.type } }),
      }),
    );
  }

  private async attempt(asked: Asked, host: string, send: () => Promise<Answer>): Promise<Answer> {
    try {
      return await send();
    } catch (thrown) {
      // The original is not kept as a cause: it carries the Authorization header and the body.
      throw isAxiosError(thrown) ? explain(asked, host, thrown) : thrown;
    }
  }

  private decode<T>(asked: Asked, text: string, answer: ValidateFunction<T>): T {
    const body = parseJson(text);
    if (answer(body)) return body;
    const [first] = answer.errors ?? [];
    const where = first ? ` (${first.instancePath} ${first.message ?? ""})` : "";
    throw new NotUnderstoodError(asked, `the answer is not of the documented shape${where}`);
  }
}

/** Joins path segments, escaping each. */
export function path(...segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
}

function agents({ keepAlive }: { readonly keepAlive: boolean }) {
  const options = { keepAlive, maxSockets: CONNECTIONS };
  return { httpAgent: new http.Agent(options), httpsAgent: new https.Agent(options) };
}

function isLoopback(hostname: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

function withRetries(client: AxiosInstance): AxiosInstance {
  axiosRetry(client, {
    retries: RETRIES,
    shouldResetTimeout: true,
    retryDelay: exponentialDelay,
    retryCondition: (error) => {
      if (retryAfter(error) > LONGEST_PAUSE_MS) return false;
      const status = error.response?.status;
      // Refused before anything was done, whatever the method.
      if (error.code === "ECONNREFUSED" || status === 429) return true;
      if (error.config?.repeatable !== true) return false;
      if (status !== undefined) return status >= 500 || brokeOff(error);
      return isNetworkError(error) || error.code === "ECONNABORTED";
    },
  });
  return client;
}

/** Whether the connection ended within a good answer: the error has its status then, and no body. */
function brokeOff({ response }: AxiosError): boolean {
  return response !== undefined && response.status < 300;
}

function refused(asked: Asked, status: number, data: unknown): RefusedError {
  const body = parseJson(data);
  return isErrorBody(body)
    ? new RefusedError(asked, status, body.code, body.message)
    : new RefusedError(asked, status, undefined, undefined);
}

function explain(asked: Asked, host: string, error: AxiosError): CloudError {
  const { response } = error;
  if (response !== undefined && !brokeOff(error)) {
    return refused(asked, response.status, response.data);
  }
  const cause = error.code ?? "no answer";
  const neverSent = cause === "ECONNREFUSED" || cause === "ENOTFOUND" || cause === "EAI_AGAIN";
  return new NoAnswerError(
    asked,
    response === undefined ? `${host} gave no answer (${cause}).` : `the answer of ${host} broke off.`,
    neverSent
      ? "Check the network, and the endpoint if you set one (NRF_CLOUD_ENDPOINT or nrfcloud:endpoint), then run again."
      : "Run the same command again: what already took effect is found and kept.",
    !neverSent,
  );
}

function parseJson(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
