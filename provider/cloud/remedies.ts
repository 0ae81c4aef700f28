import type { Asked } from "./errors.js";

/** Code of a path that the API does not have, which says nothing about the thing behind it. */
export const NO_SUCH_ROUTE = 40420;

/** Where the endpoint of the device API is set. */
export const DEVICE_ENDPOINT = "NRF_CLOUD_ENDPOINT or nrfcloud:endpoint";
/** Where that of the Identity and Provisioning service is set. */
export const IDENTITY_ENDPOINT = "NRF_CLOUD_IDENTITY_ENDPOINT or nrfcloud:identityEndpoint";

export interface Refusal {
  readonly asked: Asked;
  readonly status: number;
  readonly code: number | undefined;
  readonly endpointSetting: string;
}

/** What to do about a refusal: a matter of the call that was refused as much as of its status. */
export function remedyFor(refusal: Refusal): string {
  const { status, code, endpointSetting } = refusal;
  if (code === 40005) {
    return "A limit of the team's plan is reached: remove devices, wait for the next month, or change the plan, then run again.";
  }
  if (code === 42200) {
    return "Correct what the message names, then run again. Nothing of this request was applied.";
  }
  if (status < 400) {
    return `Redirects are not followed, as the API key would go with them: check the endpoint (${endpointSetting}), then run again.`;
  }
  switch (status) {
    case 401:
    case 403:
      return deniedRemedy(refusal);
    case 404:
      return absentRemedy(refusal);
    case 429:
      return "The service limits how often it may be called: wait a while, or allow fewer requests a second (NRF_CLOUD_REQUESTS_PER_SECOND or nrfcloud:requestsPerSecond), then run again.";
    default:
      return status >= 500
        ? "The service has a problem of its own: run the same command again in a while. What was done so far is kept."
        : "Correct what the message names, then run again.";
  }
}

/** Every key may ask for its account, so that a key which may not is none. Other calls are a matter of its role, or of the team. */
function deniedRemedy({ asked, code, endpointSetting }: Refusal): string {
  const key =
    "Check the API key (NRF_CLOUD_API_KEY, or `pulumi config set --secret nrfcloud:apiKey`): is it complete? It must be the key of the " +
    "team, from User Account, Current Team Details. The User API key under My Profile of the newer web app is another one, and is refused.";
  if (code === undefined) {
    return `${key} The API gives its refusals a code, and this one has none: check the endpoint too (${endpointSetting}).`;
  }
  if (asked.operation === "FetchAccount") {
    return `${key} A regenerated key replaces the old one after an hour at the latest.`;
  }
  const owner = asked.deviceId === undefined ? "" : ", and that the device is of the key's team";
  return (
    `Check that the role of the API key allows this (NRF_CLOUD_API_KEY or nrfcloud:apiKey): viewers may only read${owner}. ` +
    "Use the key of an editor for devices without tags, and of an admin for all others."
  );
}

function absentRemedy({ asked, code, endpointSetting }: Refusal): string {
  const isOfThing = code !== undefined && code !== NO_SUCH_ROUTE && asked.operation !== "FetchAccount";
  if (isOfThing && asked.deviceId !== undefined) {
    return "Check the device id and the team of the API key; `pulumi refresh` brings the state up to date with the account.";
  }
  if (isOfThing)
    return "Check the team of the API key; `pulumi refresh` brings the state up to date with the account.";
  return (
    `Check the endpoint (${endpointSetting}): it must be the base URL of the API with its version, such as the default, which ends ` +
    "in nrfcloud.com/v1. Leave it out to use the default."
  );
}
