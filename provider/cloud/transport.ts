import { isAxiosError, type AxiosError, type AxiosInstance } from "axios";
import { systemClock, type Clock } from "../engine/clock.js";
import type { Checker } from "./answers.js";
import { agents, isIncomplete, httpClient, isFromProxy, isTooLarge, NOT_JSON, parseJson } from "./client.js";
import { NotUnderstoodError, RefusedError, type Asked, type CloudError, isNotFound } from "./errors.js";
import { RequestLimiter } from "./limiter.js";
import { noAnswer, refusedByProxy, unusableProxy } from "./noAnswer.js";
import { proxyFor, type Proxy } from "./proxy.js";
import { readRefusal } from "./refusal.js";
import type { Service } from "./remedies.js";
import { sanitizerFor, type Sanitizer } from "./sanitizer.js";

/** The device API itself. */
export const DEFAULT_ENDPOINT = "https://api.nrfcloud.com/v1";
/** The Identity and Provisioning service itself. */
export const DEFAULT_IDENTITY_ENDPOINT = "https://api.provisioning.nrfcloud.com/v1";

export interface TransportOptions {
  /** Base URL of the API with its version, e.g. `https://api.nrfcloud.com/v1`. */
  readonly endpoint: string;
  /** API key of the team, or token of its organization. Sent only to the endpoint's host; redirects are not followed. */
  readonly apiKey: string;
  /** Timeout of one try, in milliseconds. Default: 60 s. */
  readonly timeoutMs?: number;
  /** How often a request is repeated at most. Default 5. */
  readonly retries?: number | undefined;
  /** The service, which determines the form of refusals and their remedies. Default: `device`. */
  readonly service?: Service;
  /** Default: the clock of this machine. */
  readonly clock?: Clock;
  /** To be shared by all transports with the same API key. Default: a new one. */
  readonly limiter?: RequestLimiter;
  /** Certificates (PEM) to trust besides the usual roots. Default: none. */
  readonly ca?: string | undefined;
  /** Called at each retry of a request. */
  readonly retried?: () => void;
}

interface Answer {
  readonly status: number;
  readonly data: string;
  /** The parsed body, if the request expects JSON. */
  readonly json?: unknown;
  readonly headers: object;
}

/** The answer to an asynchronous request. */
export interface Started {
  readonly status: number;
  /** The header that says where to read the result. */
  readonly location: string | undefined;
  /** Parsed JSON; `undefined` for anything else. */
  readonly body: unknown;
}

export interface Request extends Asked {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path below the endpoint. {@link path} builds it and escapes its segments. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: "application/json" | "text/csv" | "text/plain"; readonly text: string };
  /** nRF Cloud refuses the change if the present version is another one. */
  readonly ifMatch?: string;
  /** Secrets in the request, such as an ownership code. An answer may repeat them, but no message may. */
  readonly secrets?: readonly string[];
}

interface Connections {
  readonly kept: ReturnType<typeof agents>;
  /** For requests that are not idempotent: the server may close an idle connection just when it is used again. */
  readonly fresh: ReturnType<typeof agents>;
}

/** The request in messages, and the secrets that no message may repeat. */
type RequestLabel = Asked & Pick<Request, "secrets">;

/** Sends requests to nRF Cloud with the team's API key. All retries happen here. */
export class Transport {
  /** The ids of bulk jobs that this process started. */
  readonly acceptedJobs = new Set<string>();
  readonly clock: Clock;
  private readonly authorized: AxiosInstance;
  private readonly anonymous: AxiosInstance;
  private readonly apiKey: string;
  private readonly endpoint: string;
  private readonly service: Service;
  private readonly onThisMachine: boolean;
  private readonly ca: string | undefined;
  /** Connections by their proxy. */
  private readonly connections = new Map<string, Connections>();
  private clockAheadMs = 0;

  constructor(options: TransportOptions) {
    const { endpoint, apiKey, timeoutMs = 60_000, clock = systemClock, ca, retries, retried } = options;
    const { limiter = new RequestLimiter(), service = "device" } = options;
    this.clock = clock;
    this.apiKey = apiKey;
    this.endpoint = endpoint;
    this.service = service;
    this.onThisMachine = isLoopback(new URL(endpoint).hostname);
    this.ca = ca;
    const shared = { limiter, clock, timeoutMs, retries, retried };
    this.authorized = httpClient({
      ...shared,
      baseURL: endpoint,
      // A path that looks like a URL must not send the key to another host.
      allowAbsoluteUrls: false,
      headers: { Authorization: `Bearer ${apiKey}` },
    });
    this.anonymous = httpClient(shared);
  }

  /** The present time of the service's clock, which may differ from this machine's. */
  serverTime(): Date {
    return new Date(this.clock.now().getTime() + this.clockAheadMs);
  }

  /** Returns the function that makes answers to a request with these secrets safe for messages. */
  sanitizer({ secrets = [] }: Pick<Request, "secrets"> = {}): Sanitizer {
    return sanitizerFor([this.apiKey, ...secrets]);
  }

  /** Sends a request whose answer is read. @throws CloudError */
  async ask<T>(request: Request, answer: Checker<T>): Promise<T> {
    return this.decode(request, (await this.send(request, { json: true })).json, answer);
  }

  /**
   * Like `ask`, for operations that can succeed partly: a refusal whose body has the form of the answer is returned.
   * @throws CloudError
   */
  async askInPart<T>(request: Request, answer: (body: unknown) => body is T): Promise<T> {
    const { status, data } = await this.send(request, {
      validateStatus: (each) => each < 500 && each !== 429,
    });
    const body = parseJson(data);
    if (status >= 300 && body === undefined) throw this.refused(request, status, data);
    if (answer(body)) return body;
    if (status >= 300) throw this.refused(request, status, data);
    throw unexpectedForm(request);
  }

  /** Like `ask`; `undefined` if the thing does not exist. @throws CloudError */
  async askIfFound<T>(request: Request, answer: Checker<T>): Promise<T | undefined> {
    try {
      return await this.ask(request, answer);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Like `execute`, for deletions: it succeeds if the thing does not exist. @throws CloudError */
  async remove(request: Request): Promise<void> {
    try {
      await this.execute(request);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Sends a request that nRF Cloud processes asynchronously. @throws CloudError */
  async start(request: Request): Promise<Started> {
    const { status, headers, data } = await this.send(request);
    const location = "location" in headers ? headers.location : undefined;
    return { status, location: typeof location === "string" ? location : undefined, body: parseJson(data) };
  }

  /**
   * The path below the endpoint of an address in an answer, which may be relative to the host; `undefined` for other addresses, to which
   * nothing may be sent.
   */
  pathOf(address: string): string | undefined {
    const base = new URL(this.endpoint);
    if (!URL.canParse(address, base.origin)) return undefined;
    const { origin, pathname, search } = new URL(address, base.origin);
    const below = `${base.pathname.replace(/\/+$/, "")}/`;
    return origin === base.origin && pathname.startsWith(below)
      ? `${pathname.slice(below.length - 1)}${search}`
      : undefined;
  }

  /** Sends a request whose answer has no content. @throws CloudError */
  async execute(request: Request): Promise<void> {
    await this.send(request);
  }

  /**
   * Reads a file to which an answer refers, such as an error summary. It is on another host, so the API key is not sent.
   */
  async readFile(asked: Asked, url: string): Promise<string> {
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
      throw new NotUnderstoodError(
        asked,
        `it names a file at "${this.sanitizer()(url)}", which is not a web address`,
      );
    }
    if (url.toLowerCase().startsWith("http:") && !this.onThisMachine) {
      throw new NotUnderstoodError(
        asked,
        "it names a file by http, which others could change during the transfer",
      );
    }
    const { data } = await this.attempt(asked, url, ({ kept }) =>
      this.anonymous.request<string>({ method: "GET", url, repeatable: true, ...kept }),
    );
    return data;
  }

  private async send(
    request: Request,
    { json = false, validateStatus = (status: number) => status < 300 } = {},
  ): Promise<Answer> {
    const repeatable = request.method !== "POST";
    const answer = await this.attempt(request, this.endpoint, ({ kept, fresh }) =>
      this.authorized.request<string>({
        ...(repeatable ? kept : fresh),
        method: request.method,
        url: request.path,
        repeatable,
        json,
        validateStatus,
        ...(request.query === undefined ? {} : { params: request.query }),
        ...(request.body === undefined ? {} : { data: request.body.text }),
        headers: {
          ...(request.body === undefined ? {} : { "Content-Type": request.body.type }),
          ...(request.ifMatch === undefined ? {} : { "If-Match": request.ifMatch }),
        },
      }),
    );
    const sentAt = "date" in answer.headers ? Date.parse(String(answer.headers.date)) : NaN;
    if (!Number.isNaN(sentAt)) this.clockAheadMs = sentAt - this.clock.now().getTime();
    return answer;
  }

  private async attempt(
    asked: RequestLabel,
    url: string,
    send: (connections: Connections) => Promise<Answer>,
  ): Promise<Answer> {
    // A proxy can't reach an endpoint on this machine.
    const proxy = this.onThisMachine ? undefined : proxyFor(url);
    if (proxy !== undefined && "problem" in proxy) throw unusableProxy(asked, proxy);
    try {
      return await send(this.connectionsBy(proxy?.url));
    } catch (thrown) {
      // The original error is not kept as a cause: it contains the Authorization header and the body.
      throw isAxiosError(thrown) ? this.explained(asked, new URL(url).host, proxy, thrown) : thrown;
    }
  }

  private connectionsBy(proxy: URL | undefined): Connections {
    const known = this.connections.get(proxy?.href ?? "");
    if (known !== undefined) return known;
    const { ca } = this;
    const created = {
      kept: agents({ keepAlive: true, ca, proxy }),
      fresh: agents({ keepAlive: false, ca, proxy }),
    };
    this.connections.set(proxy?.href ?? "", created);
    return created;
  }

  private refused(asked: RequestLabel, status: number, data: unknown): RefusedError {
    const { code, message } = readRefusal(this.service, parseJson(data));
    const reason = message === undefined ? undefined : this.sanitizer(asked)(message);
    return new RefusedError(asked, status, code, reason, this.service);
  }

  private explained(
    asked: RequestLabel,
    host: string,
    proxy: Proxy | undefined,
    error: AxiosError,
  ): CloudError {
    const { response } = error;
    if (response !== undefined && !isIncomplete(error)) {
      return isFromProxy(response)
        ? refusedByProxy(asked, host, proxy, response.status)
        : this.refused(asked, response.status, response.data);
    }
    // The answer is complete, but has the wrong content.
    if (error.message === NOT_JSON) return unexpectedForm(asked);
    if (isTooLarge(error)) return new NotUnderstoodError(asked, "it is larger than 50 MB");
    return noAnswer(asked, { host, proxy, service: this.service }, error);
  }

  private decode<T>(asked: Asked, body: unknown, answer: Checker<T>): T {
    if (answer(body)) return body;
    const [first] = answer.errors ?? [];
    const where = first ? ` (${this.sanitizer()(first.instancePath)} ${first.message ?? ""})` : "";
    throw unexpectedForm(asked, where);
  }
}

/** Joins path segments, escaping each. */
export function path(...segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
}

function isLoopback(hostname: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

function unexpectedForm(asked: Asked, where = ""): NotUnderstoodError {
  return new NotUnderstoodError(asked, `it does not have the documented form${where}`);
}
