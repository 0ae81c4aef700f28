import { getProxyForUrl } from "proxy-from-env";

/** A proxy through which a host is reached. */
export interface Proxy {
  /** The variable of the environment that names it. */
  readonly setting: string;
  /** Its address without a login, for messages. */
  readonly address: string;
  /** With its login percent-encoded. */
  readonly url: URL;
}

/** A setting that names no proxy that can be used. */
export interface NoProxy {
  readonly setting: string;
  /** Why, without its value: that may hold a password. */
  readonly problem: string;
}

/** Where a proxy for https is named, the first that is set. */
const SETTINGS = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/**
 * The proxy that the environment names for an https address; `undefined` where none is named, or NO_PROXY names the host. Without a
 * scheme it is spoken to by http.
 */
export function proxyFor(target: string): Proxy | NoProxy | undefined {
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

/** A part of a login that was meant as it stands, such as `100%`, is encoded like any other. */
function encoded(text: string): string {
  try {
    decodeURIComponent(text);
    return text;
  } catch {
    return encodeURIComponent(text);
  }
}
