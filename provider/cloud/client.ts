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

/** How often a request is repeated at most unless something else is said, with growing pauses and up to 20% of jitter: about 7 s in all. */
const RETRIES = 5;
/** A service that asks for a longer pause than this is given up on: nobody watches a terminal for an hour. */
const LONGEST_PAUSE_MS = 60_000;
/** No answer of the API is nearly as large: a larger one is not from the API. */
const LARGEST_ANSWER_BYTES = 50 * 1024 * 1024;

/** The message of the error for a good answer that is not the JSON it should be, or a page where only success matters. */
export const NOT_JSON = "not JSON";

declare module "axios" {
  interface AxiosRequestConfig {
    /** Whether sending this request twice does no more than sending it once. */
    repeatable?: boolean;
    /** Whether a good answer is JSON, so that anything else in its place is none. Pages are none in any case. */
    json?: boolean;
  }
  interface AxiosResponse {
    /** The parsed content of a good answer, where the request asks for JSON. */
    json?: unknown;
  }
}

export interface ClientOptions {
  readonly limiter: RequestLimiter;
  /** By which to pause between repetitions. */
  readonly clock: Clock;
  /** How long one try may take, from its connection to the last byte of the answer (milliseconds). */
  readonly timeoutMs: number;
  /** How often a request is repeated at most. Default 5. */
  readonly retries?: number | undefined;
  readonly baseURL?: string;
  readonly allowAbsoluteUrls?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Told of each repetition. */
  readonly retried?: (() => void) | undefined;
}

/** An HTTP client with the one rule for how and when a request is repeated. Redirects are not followed. */
export function httpClient({
  limiter,
  clock,
  timeoutMs,
  retries = RETRIES,
  retried,
  ...options
}: ClientOptions): AxiosInstance {
  const client = axios.create({
    ...options,
    adapter: (config) => limiter.run(() => oneTry(config, timeoutMs)),
    maxRedirects: 0,
    maxContentLength: LARGEST_ANSWER_BYTES,
    responseType: "text",
    // Left alone, axios would parse what looks like JSON and quote what is sent as JSON.
    transformResponse: (body: unknown) => body,
    transformRequest: (body: unknown) => body,
    // Left alone, axios would look for one by itself, wait for one that breaks off, and take logins as they are written in an address.
    proxy: false,
  });
  axiosRetry(client, {
    retries,
    retryCondition: mayRepeat,
    onRetry: async (nth, error) => {
      retried?.();
      const pause = exponentialDelay(nth, error);
      if (error.response?.status === 429) limiter.pause(pause);
      await clock.sleep(pause);
    },
    // All of the pause is over by then.
    retryDelay: () => 0,
  });
  return client;
}

/** What a server has to prove. */
type Trust = Pick<https.AgentOptions, "ca" | "minVersion" | "rejectUnauthorized">;

/** A way through a proxy. By default it would use the TLS options for the connection to the proxy only. */
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
  /** With its login percent-encoded. Used for https only. */
  readonly proxy: URL | undefined;
}

/** Connections to one host after the other. It always verifies the certificate, whatever the environment sets. */
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

/** Whether the connection ended within a good answer, or that is not what was asked for: its status is known, no more. */
export function brokeOff({ response }: AxiosError): boolean {
  return response !== undefined && response.status < 300;
}

/** Whether an answer came from a proxy, either unasked or as it opened no way to the host. */
export function isOfProxy({ status, config, request }: AxiosResponse): boolean {
  if (status === 407) return true;
  const socket: unknown = (request as { readonly socket?: unknown } | undefined)?.socket;
  // What it opened no way for has no TLS.
  return config.httpsAgent instanceof Tunnel && !(socket instanceof tls.TLSSocket);
}

/** Whether the other side does not speak TLS, or not of any kind that is allowed. */
export function isNoTls({ code = "" }: AxiosError): boolean {
  return /^(EPROTO$|ERR_SSL_)/.test(code);
}

/** Whether more was sent in answer than can be meant. */
export function isTooLarge({ code, response }: AxiosError): boolean {
  return code === AxiosError.ERR_BAD_RESPONSE && response === undefined;
}

/** Whether the other side's certificate was not accepted. */
export function isUntrusted({ code = "" }: AxiosError): boolean {
  return /CERT|SELF_SIGNED|^UNABLE_TO_|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE|HOSTNAME_MISMATCH/.test(code);
}

function mayRepeat(error: AxiosError): boolean {
  if (retryAfter(error) > LONGEST_PAUSE_MS) return false;
  const status = error.response?.status;
  // Refused before anything was done, whatever the method.
  if (error.code === "ECONNREFUSED" || status === 429) return true;
  if (error.config?.repeatable !== true) return false;
  // The API gives a reason for a 404. An answer without one was cut short, or is not from the API.
  if (status === 404 && !isJson(error.response?.data)) return true;
  if (status !== undefined) return status >= 500 || brokeOff(error);
  return isNetworkError(error) && !isTooLarge(error) && !isUntrusted(error);
}

const send = axios.getAdapter("http");

/** Sends a request once. The timeout of Axios would restart with each byte. */
const oneTry = async (config: Parameters<AxiosAdapter>[0], timeoutMs: number): ReturnType<AxiosAdapter> => {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await send({ ...config, signal });
    if (isOfProxy(answer)) {
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
    // What is repeated has a time of its own.
    thrown.config = config;
    throw thrown;
  }
};

/** Whether a proxy or login page answered in place of the API, which sends none. */
function isPage(text: unknown): boolean {
  return typeof text === "string" && /^\s*</.test(text);
}

function isJson(text: unknown): boolean {
  return parseJson(text) !== undefined;
}

/** The value of a JSON text; `undefined` for anything else. */
export function parseJson(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
