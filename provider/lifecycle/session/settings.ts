import type { Deadlines } from "../../cloud/deadlines.js";
import { ENDPOINT_SETTINGS } from "../../cloud/remedies.js";
import { asError, ExpectedError } from "../../engine/errors.js";
import type { ConfigReader } from "../../engine/host.js";
import { NO_ROLLOUT, parseRollout } from "../../fleet/rollout.js";
import type { TableLane } from "../../reconcile/plan/rollout/lanes.js";
import { SETTINGS, type KnownSetting } from "./knownSettings.js";

export interface Settings {
  /** Base URL of the device API. */
  readonly endpoint: string;
  /** Base URL of the Identity and Provisioning service. `undefined`: only the device API has another endpoint. */
  readonly identityEndpoint: string | undefined;
  readonly apiKey: string;
  /** Name of the PEM file with a CA that connections trust besides the usual ones. */
  readonly caFile: string | undefined;
  /** The most requests in any second. */
  readonly requestsPerSecond: number;
  readonly deadlines: Deadlines;
}

/** The sources of settings: the environment of the provider process, and the configuration of the stack. */
export interface SettingSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: ConfigReader;
}

/**
 * The settings of this operation. `undefined`: an API key is missing. The environment comes first, because `destroy` and `refresh` get the
 * configuration of the last `up` from the state.
 */
export function settings(sources: SettingSources): Settings | undefined {
  const setting = settingOf(sources);
  const number = numberOf(setting);
  const apiKey = setting(SETTINGS.apiKey);
  if (apiKey === undefined) return undefined;
  if (!isBearer(apiKey)) {
    throw new ExpectedError(
      "The nRF Cloud API key has a space, a line break or another character that no key has. " +
        "Copy it again from the portal into NRF_CLOUD_API_KEY or `pulumi config set --secret nrfcloud:apiKey`.",
    );
  }
  const endpoint = setting(SETTINGS.endpoint);
  const identity = setting(SETTINGS.identityEndpoint);
  // With one endpoint at an emulator, no device may be claimed at the real service.
  const identityEndpoint =
    identity ?? (endpoint === undefined ? SETTINGS.identityEndpoint.otherwise : undefined);
  return {
    apiKey,
    endpoint: checkedEndpoint(endpoint ?? SETTINGS.endpoint.otherwise, ENDPOINT_SETTINGS.device),
    identityEndpoint: identityEndpoint && checkedEndpoint(identityEndpoint, ENDPOINT_SETTINGS.identity),
    caFile: setting(SETTINGS.caFile),
    requestsPerSecond: number(SETTINGS.requestsPerSecond),
    deadlines: {
      requestMs: 1000 * number(SETTINGS.requestTimeout),
      readbackMs: 1000 * number(SETTINGS.readbackTimeout),
      bulkMs: 1000 * number(SETTINGS.bulkTimeout),
    },
  };
}

/** Base URL of the device API where it is not nRF Cloud's own, such as an emulator's. It needs no API key. */
export function otherEndpoint(sources: SettingSources): string | undefined {
  const endpoint = settingOf(sources)(SETTINGS.endpoint);
  const checked = endpoint && checkedEndpoint(endpoint, ENDPOINT_SETTINGS.device);
  return checked === SETTINGS.endpoint.otherwise ? undefined : checked;
}

/**
 * The settings of this operation.
 * @throws ExpectedError where an API key is missing
 */
export function requiredSettings(sources: SettingSources): Settings {
  const known = settings(sources);
  if (known !== undefined) return known;
  throw new ExpectedError(
    "No nRF Cloud API key. Set NRF_CLOUD_API_KEY in the environment, or run " +
      "`pulumi config set --secret nrfcloud:apiKey`, then run again. Nothing was changed in the account.",
  );
}

/** How many devices this run may delete, replace or release. `undefined`: it is not set. */
export function allowedDeletes(sources: SettingSources): number | undefined {
  const text = settingOf(sources)(SETTINGS.allowDeletes);
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new ExpectedError(
    `NRF_CLOUD_ALLOW_DELETES (or nrfcloud:allowDeletes) is ${JSON.stringify(text)}, which is not a count. Write how many devices this run ` +
      "may delete, replace or release, such as 40.",
  );
}

/** The roll-out of this run. `undefined`: it is not set. Empty: this run has no roll-out. */
export function rolloutOfRun(sources: SettingSources): readonly TableLane[] | undefined {
  const text = settingOf(sources)(SETTINGS.rollout);
  if (text === undefined) return undefined;
  if (text === NO_ROLLOUT) return [];
  try {
    return [{ rollout: parseRollout(text) }];
  } catch (thrown) {
    throw new ExpectedError(`NRF_CLOUD_ROLLOUT (or nrfcloud:rollout): ${asError(thrown).message}.`);
  }
}

/** Whether a key or token is possible in a header. */
export function isBearer(text: string): boolean {
  return !/[^\x21-\x7e]/.test(text);
}

export type Setting = (known: KnownSetting) => string | undefined;

export function settingOf({ env, config }: SettingSources): Setting {
  return ({ variable, key }) =>
    [env[variable], key === undefined ? undefined : config(key)]
      .map((value) => value?.trim())
      .find((value) => value);
}

/** A day in seconds, and far above any rate. Node's timers can't exceed 24 days. */
const LARGEST_NUMBER = 86_400;

function numberOf(setting: Setting) {
  return (
    known: KnownSetting & { readonly key: string; readonly otherwise: number; readonly unit: string },
  ) => {
    const { variable, key, otherwise, unit } = known;
    const text = setting(known);
    if (text === undefined) return otherwise;
    if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= LARGEST_NUMBER) return Number(text);
    throw new ExpectedError(
      `${JSON.stringify(text)} is not a number of ${unit} from 1 to ${LARGEST_NUMBER}. Correct ${variable} or ${key}, or unset it ` +
        `for the default, ${otherwise}.`,
    );
  };
}

/** A message does not quote an endpoint that may have a password. */
function checkedEndpoint(text: string, source: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const remedy = `Set ${source} to a base URL such as ${SETTINGS.endpoint.otherwise}.`;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    const shown = text.includes("@") ? "" : ` ${JSON.stringify(text)}`;
    throw new ExpectedError(`The endpoint${shown} is not a web address. ${remedy}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new ExpectedError(
      `The endpoint at ${url.host} has a login, which would replace the API key. ${remedy} Set the key in NRF_CLOUD_API_KEY.`,
    );
  }
  if (/[?#]/.test(text)) {
    throw new ExpectedError(
      `The endpoint at ${url.host} has a query or a fragment, and the provider can't add a path to that. ${remedy}`,
    );
  }
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "http:" && !loopback) {
    throw new ExpectedError(
      `The endpoint ${url.origin} would send the API key without encryption. Only an endpoint on this machine may use http. ${remedy}`,
    );
  }
  return url.href.replace(/\/+$/, "");
}
