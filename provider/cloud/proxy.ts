import { getProxyForUrl } from "proxy-from-env";

export interface Proxy {
  /** The environment variable that has it. */
  readonly setting: string;
  /** Its address without a login, for messages. */
  readonly address: string;
  /** Its login is percent-encoded. */
  readonly url: URL;
}

/** An environment variable with an invalid proxy. */
export interface InvalidProxy {
  readonly setting: string;
  /** Without the value, which may contain a password. */
  readonly problem: string;
}

/** The environment variables for https, in order of precedence. */
const SETTINGS = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/**
 * The proxy that the environment sets for an https address; `undefined` if none is set, or NO_PROXY excludes the host. The default
 * scheme is http.
 */
export function proxyFor(target: string): Proxy | InvalidProxy | undefined {
  if (getProxyForUrl(target) === "") return undefined;
  const setting = SETTINGS.find((name) => process.env[name]) ?? "HTTPS_PROXY";
  const value = process.env[setting]?.trim() ?? "";
  const text = value.includes("://") ? value : `http://${value}`;
  if (/^socks/i.test(text))
    return { setting, problem: "it names a SOCKS proxy, and only http proxies are supported" };
  if (!URL.canParse(text)) return { setting, problem: "it is not a web address" };
  const url = new URL(text);
  const { protocol, host, username, password } = url;
  if (protocol !== "http:" && protocol !== "https:")
    return { setting, problem: `it begins with ${protocol}//, which is not a kind of proxy` };
  url.username = encoded(username);
  url.password = encoded(password);
  return { setting, address: `${protocol}//${host}`, url };
}

/** Encodes a part of a login that is not valid percent-encoding, such as `100%`. */
function encoded(text: string): string {
  try {
    decodeURIComponent(text);
    return text;
  } catch {
    return encodeURIComponent(text);
  }
}
