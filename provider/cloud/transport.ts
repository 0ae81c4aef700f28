import type { ValidateFunction } from "ajv";
import { isAxiosError, type AxiosError, type AxiosInstance } from "axios";
import { isErrorBody } from "./answers.js";
import { agents, brokeOff, httpClient, isTooLarge, isUntrusted, NOT_JSON, parseJson } from "./client.js";
import {
  NoAnswerError,
  NotUnderstoodError,
  RefusedError,
  type Asked,
  type CloudError,
  isNotFound,
} from "./errors.js";
import { RequestLimiter } from "./limiter.js";
import { wordsWithout, type Words } from "./words.js";

/** The device API itself. */
export const DEFAULT_ENDPOINT = "https://api.nrfcloud.com/v1";
/** The Identity and Provisioning service itself. */
export const DEFAULT_IDENTITY_ENDPOINT = "https://api.provisioning.nrfcloud.com/v1";

export interface TransportOptions {
  /** Base URL of the API with its version, e.g. `https://api.nrfcloud.com/v1`. */
  readonly endpoint: string;
  /** API key of the team. Sent to the endpoint's host only; redirects are not followed. */
  readonly apiKey: string;
  /** How long one try of a request may take, in milliseconds. Default 60 s. */
  readonly timeoutMs?: number;
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

export interface Request extends Asked {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path below the endpoint. Build it with {@link path}, which escapes what users chose. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: "application/json" | "text/csv" | "text/plain"; readonly text: string };
  /** Secrets in what is sent, such as an ownership code. An answer may repeat them, a message never does. */
  readonly secrets?: readonly string[];
}

/** Sends requests to nRF Cloud with the team's API key. The one place that knows how and when to repeat them. */
export class Transport {
  /** Bulk jobs that were accepted over this connection, and so need not be looked for. */
  readonly acceptedJobs = new Set<string>();
  private readonly authorized: AxiosInstance;
  private readonly anonymous: AxiosInstance;
  private readonly apiKey: string;
  private readonly host: string;
  private readonly onThisMachine: boolean;
  /** Connections for what is not repeatable: one that was idle may be closed just as it is used again. */
  private readonly fresh: ReturnType<typeof agents>;
  private clockAheadMs = 0;

  constructor(options: TransportOptions) {
    const { endpoint, apiKey, timeoutMs = 60_000, limiter = new RequestLimiter(), ca, retried } = options;
    const { host, hostname } = new URL(endpoint);
    this.apiKey = apiKey;
    this.host = host;
    this.onThisMachine = isLoopback(hostname);
    this.fresh = agents({ keepAlive: false, ca });
    // A proxy that the environment names can't reach an endpoint on this machine.
    const shared = { limiter, timeoutMs, ca, retried, proxies: !this.onThisMachine };
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
    return new Date(Date.now() + this.clockAheadMs);
  }

  /** Gives the way in which what nRF Cloud says to a request with these secrets may stand in a message. */
  words({ secrets = [] }: Pick<Request, "secrets"> = {}): Words {
    return wordsWithout([this.apiKey, ...secrets]);
  }

  /** Sends a request whose answer is read. @throws CloudError */
  async ask<T>(request: Request, answer: ValidateFunction<T>): Promise<T> {
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
        `it names a file at "${this.words()(url)}", which is no web address`,
      );
    }
    if (url.toLowerCase().startsWith("http:") && !this.onThisMachine) {
      throw new NotUnderstoodError(asked, "it names a file that anybody could change on its way, by http");
    }
    const { data } = await this.attempt(asked, new URL(url).host, () =>
      this.anonymous.request<string>({ method: "GET", url, repeatable: true }),
    );
    return data;
  }

  private async send(
    request: Request,
    { json = false, validateStatus = (status: number) => status < 300 } = {},
  ): Promise<Answer> {
    const repeatable = request.method !== "POST";
    const answer = await this.attempt(request, this.host, () =>
      this.authorized.request<string>({
        method: request.method,
        url: request.path,
        repeatable,
        json,
        validateStatus,
        ...(repeatable ? {} : this.fresh),
        ...(request.query === undefined ? {} : { params: request.query }),
        ...(request.body === undefined
          ? {}
          : { data: request.body.text, headers: { "Content-Type": request.body.type } }),
      }),
    );
    const sentAt = "date" in answer.headers ? Date.parse(String(answer.headers.date)) : NaN;
    if (!Number.isNaN(sentAt)) this.clockAheadMs = sentAt - Date.now();
    return answer;
  }

  private async attempt(
    asked: Asked & Pick<Request, "secrets">,
    host: string,
    send: () => Promise<Answer>,
  ): Promise<Answer> {
    try {
      return await send();
    } catch (thrown) {
      // The original is not kept as a cause: it carries the Authorization header and the body.
      throw isAxiosError(thrown) ? this.explained(asked, host, thrown) : thrown;
    }
  }

  private refused(asked: Asked & Pick<Request, "secrets">, status: number, data: unknown): RefusedError {
    const body = parseJson(data);
    if (!isErrorBody(body)) return new RefusedError(asked, status, undefined, undefined);
    const reason = body.message === undefined ? undefined : this.words(asked)(body.message);
    return new RefusedError(asked, status, body.code, reason);
  }

  private explained(asked: Asked & Pick<Request, "secrets">, host: string, error: AxiosError): CloudError {
    const { response } = error;
    if (response !== undefined && !brokeOff(error)) {
      return this.refused(asked, response.status, response.data);
    }
    // It is there as a whole, but it is not what was asked for.
    if (error.message === NOT_JSON) return notOfShape(asked);
    if (isTooLarge(error)) return new NotUnderstoodError(asked, "it is larger than 50 MB");
    const cause = error.code ?? "no answer";
    if (isUntrusted(error)) {
      return new NoAnswerError(
        asked,
        `${host} could not prove that it is ${host} (${cause}), so nothing was sent to it.`,
        "Check the endpoint. If its certificate is of a CA of your own, name that CA's file (NRF_CLOUD_CA_FILE or nrfcloud:caFile).",
        false,
      );
    }
    const neverSent = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(cause);
    return new NoAnswerError(
      asked,
      response === undefined ? `${host} gave no answer (${cause}).` : `the answer of ${host} broke off.`,
      neverSent
        ? "Check the network, and the endpoint if you set one (NRF_CLOUD_ENDPOINT or nrfcloud:endpoint), then run again."
        : "Run the same command again: what already took effect is found and kept.",
      !neverSent,
    );
  }

  private decode<T>(asked: Asked, body: unknown, answer: ValidateFunction<T>): T {
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
  return new NotUnderstoodError(asked, `the answer is not of the documented shape${where}`);
}
