import type { AxiosError } from "axios";
import { speaksNoTls, isUntrusted } from "./client.js";
import { NoAnswerError, type Asked } from "./errors.js";
import type { InvalidProxy, Proxy } from "./proxy.js";
import { ENDPOINT_SETTINGS, RUN_AGAIN, type Service } from "./remedies.js";

const NEVER_SENT = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"];

/** The host that gave no answer. */
export interface UnresponsiveHost {
  readonly host: string;
  readonly proxy: Proxy | undefined;
  readonly service: Service;
}

/** A host gave no answer, or an incomplete one. */
export function noAnswer(
  asked: Asked,
  { host, proxy, service }: UnresponsiveHost,
  error: AxiosError,
): NoAnswerError {
  const endpoint = `Check the network, and the endpoint if you set one (${ENDPOINT_SETTINGS[service]}), then run again.`;
  const cause = error.code ?? "no answer";
  if (isUntrusted(error)) {
    return new NoAnswerError(
      asked,
      `${host} could not prove that it is ${host} (${cause}), so the provider sent nothing.`,
      "Check the endpoint. If your own CA issued its certificate, name that CA's file (NRF_CLOUD_CA_FILE or nrfcloud:caFile).",
      false,
    );
  }
  const neverSent = NEVER_SENT.includes(cause) || speaksNoTls(error);
  if (proxy !== undefined)
    return proxyFailed(asked, host, proxy, { cause, neverSent, noTls: speaksNoTls(error) });
  if (speaksNoTls(error)) {
    return new NoAnswerError(asked, `${host} does not speak TLS (${cause}).`, endpoint, false);
  }
  return new NoAnswerError(
    asked,
    error.response === undefined
      ? `${host} gave no answer (${cause}).`
      : `the answer of ${host} is not complete.`,
    neverSent ? endpoint : RUN_AGAIN,
    !neverSent,
  );
}

/** The connection to a proxy, or through it, failed. */
function proxyFailed(
  asked: Asked,
  host: string,
  { address, setting }: Proxy,
  {
    cause,
    neverSent,
    noTls,
  }: { readonly cause: string; readonly neverSent: boolean; readonly noTls: boolean },
): NoAnswerError {
  if (noTls && address.startsWith("https:")) {
    return new NoAnswerError(
      asked,
      `the proxy ${address} (${setting}) does not speak TLS (${cause}).`,
      `Most proxies use http: write http:// in ${setting}, then run again.`,
      false,
    );
  }
  if (neverSent && !noTls) {
    return new NoAnswerError(
      asked,
      `the provider can't reach the proxy ${address} (${setting}) (${cause}).`,
      `Correct ${setting}, or name ${host} in NO_PROXY to connect without the proxy. Then run again.`,
      false,
    );
  }
  return new NoAnswerError(
    asked,
    `no answer came through the proxy ${address} (${setting}) (${cause}).`,
    `${RUN_AGAIN} If that does not help, correct ${setting}, or name ${host} in NO_PROXY.`,
    !neverSent,
  );
}

/** A proxy refused the connection, so nothing was sent. Without a setting, it is a transparent proxy of the network. */
export function refusedByProxy(
  asked: Asked,
  host: string,
  proxy: Proxy | undefined,
  status: number,
): NoAnswerError {
  const setting = proxy?.setting ?? "HTTPS_PROXY";
  const who = proxy === undefined ? "a proxy between" : `the proxy ${proxy.address} (${setting})`;
  return status === 407
    ? new NoAnswerError(
        asked,
        `${who} refused the login, or needs one (HTTP 407).`,
        `Write the login into ${setting}, such as http://<user>:<password>@<host>:<port>, with special characters percent-encoded. Then run again.`,
        false,
      )
    : new NoAnswerError(
        asked,
        `${who} refused a connection to ${host} (HTTP ${status}).`,
        `Ask the operator of the proxy to allow ${host}, or name it in NO_PROXY to connect without the proxy. Then run again.`,
        false,
      );
}

/** A variable of the environment has an invalid proxy. */
export function unusableProxy(asked: Asked, { setting, problem }: InvalidProxy): NoAnswerError {
  return new NoAnswerError(
    asked,
    `the provider can't use the proxy of ${setting}: ${problem}.`,
    `Set ${setting} to an address such as http://<host>:<port>, with a login percent-encoded, or unset it. Then run again.`,
    false,
  );
}
