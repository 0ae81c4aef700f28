import { DEFAULT_ENDPOINT } from "../cloud/transport.js";
import { configuration } from "../engine/configuration.js";
import { ExpectedError } from "../engine/errors.js";

/** Where nRF Cloud is, and how to prove who we are. */
export interface Settings {
  readonly endpoint: string;
  readonly apiKey: string;
}

/**
 * The settings of this operation; `undefined` where there is no API key. The environment is asked first: it is
 * always today's, while `destroy` and `refresh` get their configuration from the state, which may be yesterday's.
 */
export function settings(): Settings | undefined {
  const apiKey = setting("NRF_CLOUD_API_KEY", "nrfcloud:apiKey");
  if (apiKey === undefined) return undefined;
  if (/[^\x21-\x7e]/.test(apiKey)) {
    throw new ExpectedError(
      "The nRF Cloud API key has a space, a line break or another character that no key has. " +
        "Copy it once more from the portal into NRF_CLOUD_API_KEY or `pulumi config set --secret nrfcloud:apiKey`.",
    );
  }
  return {
    apiKey,
    endpoint: checkedEndpoint(setting("NRF_CLOUD_ENDPOINT", "nrfcloud:endpoint") ?? DEFAULT_ENDPOINT),
  };
}

/** The settings of this operation, for calls that can't do without. @throws ExpectedError where there is no API key */
export function requiredSettings(): Settings {
  const known = settings();
  if (known !== undefined) return known;
  throw new ExpectedError(
    "No nRF Cloud API key. Set NRF_CLOUD_API_KEY in the environment, or run " +
      "`pulumi config set --secret nrfcloud:apiKey`, then run again. Nothing was changed in the account.",
  );
}

function setting(variable: string, key: string): string | undefined {
  return [process.env[variable], configuration()(key)].map((value) => value?.trim()).find((value) => value);
}

function checkedEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const remedy = `Set NRF_CLOUD_ENDPOINT or nrfcloud:endpoint to a base URL such as ${DEFAULT_ENDPOINT}.`;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ExpectedError(`The endpoint ${JSON.stringify(text)} is no web address. ${remedy}`);
  }
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "http:" && !loopback) {
    throw new ExpectedError(
      `The endpoint ${url.origin} would send the API key in clear: only this machine may be reached by http. ${remedy}`,
    );
  }
  return text.replace(/\/+$/, "");
}
