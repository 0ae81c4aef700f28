import http from "node:http";
import https from "node:https";
import tls from "node:tls";
import axios, { AxiosError, isAxiosError, type AxiosAdapter, type AxiosInstance } from "axios";
import axiosRetry, { exponentialDelay, isNetworkError, retryAfter } from "axios-retry";
import { REQUESTS_AT_ONCE, type RequestLimiter } from "./limiter.js";

/** How often a request is repeated at most, with growing pauses and up to 20% of jitter: about 7 s in all. */
const RETRIES = 5;
/** A service that asks for a longer pause than this is given up on: nobody watches a terminal for an hour. */
const LONGEST_PAUSE_MS = 60_000;
/** No answer of the API comes near this; what is larger is not from it. */
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
    /** What a good answer says, where JSON was asked for: parsed once, to see whether it is. */
    json?: unknown;
  }
}

export interface ClientOptions {
  readonly limiter: RequestLimiter;
  /** How long one try may take, from its connection to the last byte of the answer (milliseconds). */
  readonly timeoutMs: number;
  /** Certificates (PEM) to trust besides the usual roots. */
  readonly ca: string | undefined;
  /** Whether proxies that the environment names are used. */
  readonly proxies: boolean;
  readonly baseURL?: string;
  readonly allowAbsoluteUrls?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Told of each repetition. */
  readonly retried?: (() => void) | undefined;
}

/** An HTTP client with the one rule for how and when a request is repeated. Redirects are not followed. */
export function httpClient({
  limiter,
  timeoutMs,
  ca,
  proxies,
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
    ...agents({ keepAlive: true, ca }),
    ...(proxies ? {} : { proxy: false as const }),
  });
  axiosRetry(client, {
    retries: RETRIES,
    retryCondition: mayRepeat,
    onRetry: () => retried?.(),
    retryDelay: (nth, error) => {
      const pause = exponentialDelay(nth, error);
      if (error.response?.status === 429) limiter.pause(pause);
      return pause;
    },
  });
  return client;
}

/** Connections to one host after the other. The certificate is verified whatever the environment says. */
export function agents({ keepAlive, ca }: { readonly keepAlive: boolean; readonly ca: string | undefined }) {
  const options = { keepAlive, maxSockets: REQUESTS_AT_ONCE };
  return {
    httpAgent: new http.Agent(options),
    httpsAgent: new https.Agent({
      ...options,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      ...(ca === undefined ? {} : { ca: [...tls.rootCertificates, ca] }),
    }),
  };
}

/** Whether the connection ended within a good answer, or that is not what was asked for: its status is known, no more. */
export function brokeOff({ response }: AxiosError): boolean {
  return response !== undefined && response.status < 300;
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
  // The API says in words that something does not exist. Whoever says so without has cut them short, or is not the API.
  if (status === 404 && !isJson(error.response?.data)) return true;
  if (status !== undefined) return status >= 500 || brokeOff(error);
  return isNetworkError(error) && !isTooLarge(error) && !isUntrusted(error);
}

const send = axios.getAdapter("http");

/** Sends a request once. Axios' own timeout would start anew with each byte that drips in. */
const oneTry = async (config: Parameters<AxiosAdapter>[0], timeoutMs: number): ReturnType<AxiosAdapter> => {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await send({ ...config, signal });
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
