import { isAxiosError, type AxiosError, type AxiosInstance } from "axios";
import { systemClock, type Clock } from "../engine/clock.js";
import type { Checker } from "./answers.js";
import { agents, brokeOff, httpClient, isOfProxy, isTooLarge, NOT_JSON, parseJson } from "./client.js";
import { NotUnderstoodError, RefusedError, type Asked, type CloudError, isNotFound } from "./errors.js";
import { RequestLimiter } from "./limiter.js";
import { noAnswer, refusedByProxy, unusable } from "./noAnswer.js";
import { proxyFor, type Proxy } from "./proxy.js";
import { readRefusal } from "./refusal.js";
import type { Service } from "./remedies.js";
import { wordsWithout, type Words } from "./words.js";

/** The device API itself. */
export const DEFAULT_ENDPOINT = "https://api.nrfcloud.com/v1";
/** The Identity and Provisioning service itself. */
export const DEFAULT_IDENTITY_ENDPOINT = "https://api.provisioning.nrfcloud.com/v1";

export interface TransportOptions {
  /** Base URL of the API with its version, e.g. `https://api.nrfcloud.com/v1`. */
  readonly endpoint: string;
  /** API key of the team, or token of its organisation. Sent to the endpoint's host only; redirects are not followed. */
  readonly apiKey: string;
  /** How long one try of a request may take, in milliseconds. Default 60 s. */
  readonly timeoutMs?: number;
  /** How often a request is repeated at most. Default 5. */
  readonly retries?: number | undefined;
  /** Which service this is, whose refusals have their own form and remedies. Default `device`. */
  readonly service?: Service;
  /** By which to wait. Default: that of this machine. */
  readonly clock?: Clock;
  /** Shared by all transports with the same API key. Default: one of its own. */
  readonly limiter?: RequestLimiter;
  /** Certificates (PEM) to trust besides the usual roots. Default: none. */
  readonly ca?: string | undefined;
  /** Told of each repetition of a request. */
  readonly retried?: () => void;
}

interface Answer {
  readonly status: number;
  readonly data: string;
  /** Of an answer that is to be JSON. */
  readonly json?: unknown;
  readonly headers: object;
}

/** The answer to a request whose work is done later. */
export interface Started {
  readonly status: number;
  /** Where the answer says that the end is to be asked for. */
  readonly location: string | undefined;
  /** JSON; `undefined` for anything else. */
  readonly body: unknown;
}

export interface Request extends Asked {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path below the endpoint. Build it with {@link path}, which escapes what users chose. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: "application/json" | "text/csv" | "text/plain"; readonly text: string };
  /** The version that the thing must have, or the change is refused. */
  readonly ifMatch?: string;
  /** Secrets in what is sent, such as an ownership code. An answer may repeat them, a message never does. */
  readonly secrets?: readonly string[];
}

interface Connections {
  readonly kept: ReturnType<typeof agents>;
  /** For what is not repeatable: a connection that was idle may be closed just as it is used again. */
  readonly fresh: ReturnType<typeof agents>;
}

/** What a failure may be about, and what no message about it may repeat. */
type Asking = Asked & Pick<Request, "secrets">;

/** Sends requests to nRF Cloud with the team's API key. The one place that knows how and when to repeat them. */
export class Transport {
  /** Bulk jobs that were accepted over this connection, which are known already. */
  readonly acceptedJobs = new Set<string>();
  /** By which to wait for what nRF Cloud does. */
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
      // A path that could be read as an address must not take the key there.
      allowAbsoluteUrls: false,
      headers: { Authorization: `Bearer ${apiKey}` },
    });
    this.anonymous = httpClient(shared);
  }

  /** The time by the service's clock, which this machine's may differ from. */
  serverTime(): Date {
    return new Date(this.clock.now().getTime() + this.clockAheadMs);
  }

  /** Gives what makes an answer to a request with these secrets safe for a message. */
  words({ secrets = [] }: Pick<Request, "secrets"> = {}): Words {
    return wordsWithout([this.apiKey, ...secrets]);
  }

  /** Sends a request whose answer is read. @throws CloudError */
  async ask<T>(request: Request, answer: Checker<T>): Promise<T> {
    return this.decode(request, (await this.send(request, { json: true })).json, answer);
  }

  /**
   * Like `ask`, for operations that succeed in part: what is refused with a body of the answer's shape is answered.
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
    throw notOfShape(request);
  }

  /** Like `ask`, for a thing that may not exist: `undefined` then. @throws CloudError */
  async askIfFound<T>(request: Request, answer: Checker<T>): Promise<T | undefined> {
    try {
      return await this.ask(request, answer);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Like `execute`, for a removal: that the thing is gone already is success. @throws CloudError */
  async remove(request: Request): Promise<void> {
    try {
      await this.execute(request);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Sends a request whose work is done later, which the answer promises by its status and says where to ask for. @throws CloudError */
  async start(request: Request): Promise<Started> {
    const { status, headers, data } = await this.send(request);
    const location = "location" in headers ? headers.location : undefined;
    return { status, location: typeof location === "string" ? location : undefined, body: parseJson(data) };
  }

  /**
   * The path below the endpoint of an address that an answer named, which may be relative to the host; `undefined` for any other, to which
   * nothing is sent.
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

  /** Sends a request of which only success matters. @throws CloudError */
  async execute(request: Request): Promise<void> {
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
        `it names a file at "${this.words()(url)}", which is not a web address`,
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
    asked: Asking,
    url: string,
    send: (connections: Connections) => Promise<Answer>,
  ): Promise<Answer> {
    // A proxy that the environment names can't reach an endpoint on this machine.
    const proxy = this.onThisMachine ? undefined : proxyFor(url);
    if (proxy !== undefined && "problem" in proxy) throw unusable(asked, proxy);
    try {
      return await send(this.connectionsBy(proxy?.url));
    } catch (thrown) {
      // The original is not kept as a cause: it carries the Authorization header and the body.
      throw isAxiosError(thrown) ? this.explained(asked, new URL(url).host, proxy, thrown) : thrown;
    }
  }

  private connectionsBy(proxy: URL | undefined): Connections {
    const known = this.connections.get(proxy?.href ?? "");
    if (known !== undefined) return known;
    const { ca } = this;
    const made = {
      kept: agents({ keepAlive: true, ca, proxy }),
      fresh: agents({ keepAlive: false, ca, proxy }),
    };
    this.connections.set(proxy?.href ?? "", made);
    return made;
  }

  private refused(asked: Asking, status: number, data: unknown): RefusedError {
    const { code, message } = readRefusal(this.service, parseJson(data));
    const reason = message === undefined ? undefined : this.words(asked)(message);
    return new RefusedError(asked, status, code, reason, this.service);
  }

  private explained(asked: Asking, host: string, proxy: Proxy | undefined, error: AxiosError): CloudError {
    const { response } = error;
    if (response !== undefined && !brokeOff(error)) {
      return isOfProxy(response)
        ? refusedByProxy(asked, host, proxy, response.status)
        : this.refused(asked, response.status, response.data);
    }
    // It is there as a whole, but it is not what was asked for.
    if (error.message === NOT_JSON) return notOfShape(asked);
    if (isTooLarge(error)) return new NotUnderstoodError(asked, "it is larger than 50 MB");
    return noAnswer(asked, { host, proxy, service: this.service }, error);
  }

  private decode<T>(asked: Asked, body: unknown, answer: Checker<T>): T {
    if (answer(body)) return body;
    const [first] = answer.errors ?? [];
    const where = first ? ` (${this.words()(first.instancePath)} ${first.message ?? ""})` : "";
    throw notOfShape(asked, where);
  }
}

/** Joins path segments, escaping each. */
export function path(...segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
}

function isLoopback(hostname: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

function notOfShape(asked: Asked, where = ""): NotUnderstoodError {
  return new NotUnderstoodError(asked, `it does not have the documented form${where}`);
}
