import http from "node:http";
import https from "node:https";
import type net from "node:net";
import tls from "node:tls";
import axios, {
  AxiosError,
  isAxiosError,
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosResponse,
} from "axios";
import axiosRetry, { exponentialDelay, isNetworkError, retryAfter } from "axios-retry";
import type { Clock } from "../engine/clock.js";
import { HttpsProxyAgent } from "https-proxy-agent";
import { REQUESTS_AT_ONCE, type RequestLimiter } from "./limiter.js";

/** The default number of retries, with exponential backoff and up to 20% of jitter: about 7 s in all. */
const RETRIES = 5;
/** If the service asks for a longer pause, the request fails, since no user waits an hour for it. */
const LONGEST_PAUSE_MS = 60_000;
/** Far above the largest answers of the API. A larger answer must come from another server. */
const LARGEST_ANSWER_BYTES = 50 * 1024 * 1024;

/** The error message for a successful answer that is not the expected JSON, or that is an HTML page. */
export const NOT_JSON = "not JSON";

declare module "axios" {
  interface AxiosRequestConfig {
    /** Whether the request is idempotent. */
    repeatable?: boolean;
    /** Whether a successful answer must be JSON. HTML pages are never accepted. */
    json?: boolean;
  }
  interface AxiosResponse {
    /** The parsed body of a successful answer, if the request expects JSON. */
    json?: unknown;
  }
}

export interface ClientOptions {
  readonly limiter: RequestLimiter;
  readonly clock: Clock;
  /** Timeout of one try, from the connection to the last byte of the answer (milliseconds). */
  readonly timeoutMs: number;
  /** The number of retries. Default: 5. */
  readonly retries?: number | undefined;
  readonly baseURL?: string;
  readonly allowAbsoluteUrls?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called at each retry. */
  readonly onRetry?: (() => void) | undefined;
}

/** An HTTP client that retries requests. It does not follow redirects. */
export function httpClient({
  limiter,
  clock,
  timeoutMs,
  retries = RETRIES,
  onRetry,
  ...options
}: ClientOptions): AxiosInstance {
  const client = axios.create({
    ...options,
    adapter: (config) => limiter.run(() => sendOnce(config, timeoutMs)),
    maxRedirects: 0,
    maxContentLength: LARGEST_ANSWER_BYTES,
    responseType: "text",
    // By default, axios parses what looks like JSON, and encodes strings that are sent as JSON.
    transformResponse: (body: unknown) => body,
    transformRequest: (body: unknown) => body,
    // By default, axios reads the environment itself, hangs if a proxy closes the connection, and does not decode logins in the address.
    proxy: false,
  });
  axiosRetry(client, {
    retries,
    retryCondition: mayRepeat,
    onRetry: async (nth, error) => {
      onRetry?.();
      const pause = exponentialDelay(nth, error);
      if (error.response?.status === 429) limiter.pause(pause);
      await clock.sleep(pause);
    },
    // onRetry has waited already.
    retryDelay: () => 0,
  });
  return client;
}

type Trust = Pick<https.AgentOptions, "ca" | "minVersion" | "rejectUnauthorized">;

/** A connection through a proxy. The base class would use the TLS options only for the connection to the proxy. */
class Tunnel extends HttpsProxyAgent<string> {
  constructor(
    proxy: URL,
    options: http.AgentOptions,
    private readonly secure: Trust,
  ) {
    super(proxy.href, { ...options, ...secure });
  }

  override connect(
    ...[request, options]: Parameters<HttpsProxyAgent<string>["connect"]>
  ): Promise<net.Socket> {
    return super.connect(request, { ...options, ...this.secure });
  }
}

export interface ConnectionOptions {
  readonly keepAlive: boolean;
  /** Certificates (PEM) to trust besides the usual roots. */
  readonly ca: string | undefined;
  /** Its login must be percent-encoded. Used for https only. */
  readonly proxy: URL | undefined;
}

/** Agents that always verify certificates, whatever the environment says. */
export function agents({ keepAlive, ca, proxy }: ConnectionOptions) {
  const options = { keepAlive, maxSockets: REQUESTS_AT_ONCE };
  const secure: Trust = {
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    ...(ca === undefined ? {} : { ca: [...tls.rootCertificates, ca] }),
  };
  return {
    httpAgent: new http.Agent(options),
    httpsAgent:
      proxy === undefined ? new https.Agent({ ...options, ...secure }) : new Tunnel(proxy, options, secure),
  };
}

/** Whether a successful answer was cut off or had the wrong content, so that only its status is known. */
export function isIncomplete({ response }: AxiosError): boolean {
  return response !== undefined && response.status < 300;
}

/** Whether a proxy sent the answer, because it requires a login or refused the connection. */
export function isFromProxy({ status, config, request }: AxiosResponse): boolean {
  if (status === 407) return true;
  const socket: unknown = (request as { readonly socket?: unknown } | undefined)?.socket;
  // If the proxy refused the connection, no TLS session exists.
  return config.httpsAgent instanceof Tunnel && !(socket instanceof tls.TLSSocket);
}

/** Whether the other side speaks no TLS, or no allowed version. */
export function speaksNoTls({ code = "" }: AxiosError): boolean {
  return /^(EPROTO$|ERR_SSL_)/.test(code);
}

/** Whether the answer exceeded the size limit. */
export function isTooLarge({ code, response }: AxiosError): boolean {
  return code === AxiosError.ERR_BAD_RESPONSE && response === undefined;
}

export function isUntrusted({ code = "" }: AxiosError): boolean {
  return /CERT|SELF_SIGNED|^UNABLE_TO_|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE|HOSTNAME_MISMATCH/.test(code);
}

function mayRepeat(error: AxiosError): boolean {
  if (retryAfter(error) > LONGEST_PAUSE_MS) return false;
  const status = error.response?.status;
  // In both cases the server has done nothing, whatever the method.
  if (error.code === "ECONNREFUSED" || status === 429) return true;
  if (error.config?.repeatable !== true) return false;
  // The API sends JSON with a 404. Another answer was cut off, or is not from the API.
  if (status === 404 && !isJson(error.response?.data)) return true;
  if (status !== undefined) return status >= 500 || isIncomplete(error);
  return isNetworkError(error) && !isTooLarge(error) && !isUntrusted(error);
}

const send = axios.getAdapter("http");

/** Sends a request once. The timeout of axios would restart with each byte. */
const sendOnce = async (config: Parameters<AxiosAdapter>[0], timeoutMs: number): ReturnType<AxiosAdapter> => {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await send({ ...config, signal });
    if (isFromProxy(answer)) {
      throw new AxiosError("refused by a proxy", AxiosError.ERR_BAD_RESPONSE, config, answer.request, answer);
    }
    const json = config.json === true && answer.status < 300 ? parseJson(answer.data) : undefined;
    const isWrong = config.json === true ? json === undefined : isPage(answer.data);
    if (answer.status < 300 && isWrong) {
      throw new AxiosError(NOT_JSON, AxiosError.ERR_BAD_RESPONSE, config, answer.request, answer);
    }
    return { ...answer, json };
  } catch (thrown) {
    if (!isAxiosError(thrown)) throw thrown;
    if (thrown.code === AxiosError.ERR_CANCELED)
      throw new AxiosError("too late", AxiosError.ETIMEDOUT, config);
    // Each retry has its own timeout signal, so the original config must be used.
    thrown.config = config;
    throw thrown;
  }
};

/** Detects the HTML page of a proxy or login instead of an answer of the API. */
function isPage(text: unknown): boolean {
  return typeof text === "string" && /^\s*</.test(text);
}

function isJson(text: unknown): boolean {
  return parseJson(text) !== undefined;
}

/** Parses JSON; `undefined` for anything else. */
export function parseJson(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
