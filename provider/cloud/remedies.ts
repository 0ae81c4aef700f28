import type { Asked } from "./errors.js";

/** The remedy if it is unknown what took effect. */
export const RUN_AGAIN = "Run the same command again: the provider finds and keeps what took effect.";

/** The API's code for an unknown path, which proves nothing about a device. */
export const NO_SUCH_ROUTE = 40420;

/** The services of nRF Cloud. `organization`: what an organization's token reaches, on the host of the device API. */
export type Service = "device" | "identity" | "organization";

const DEVICE_ENDPOINT = "NRF_CLOUD_ENDPOINT or nrfcloud:endpoint";
export const ENDPOINT_SETTINGS: Readonly<Record<Service, string>> = {
  device: DEVICE_ENDPOINT,
  identity: "NRF_CLOUD_IDENTITY_ENDPOINT or nrfcloud:identityEndpoint",
  organization: DEVICE_ENDPOINT,
};

export interface Refusal {
  readonly asked: Asked;
  readonly status: number;
  readonly code: number | undefined;
  readonly service: Service;
}

/** The remedy for a refusal, which depends on the operation and the status. */
export function remedyFor(refusal: Refusal): string {
  const { status, code, service } = refusal;
  const endpointSetting = ENDPOINT_SETTINGS[service];
  if (code === 40005) {
    return "The team has reached a limit of its plan. Delete devices, wait for the next month, or change the plan. Then run again.";
  }
  if (code === 42200) {
    return "nRF Cloud applied nothing of this request. Correct what the message names, then run again.";
  }
  if (status < 400) {
    return `The provider follows no redirect, which would pass on the API key. Check the endpoint (${endpointSetting}), then run again.`;
  }
  switch (status) {
    case 401:
    case 403:
      return service === "organization" ? deniedToken(status) : deniedRemedy(refusal);
    case 404:
      return service === "organization" ? NO_PROJECT : absentRemedy(refusal);
    case 429:
      return "The service limits the number of requests. Wait a few minutes, or set fewer requests a second (NRF_CLOUD_REQUESTS_PER_SECOND or nrfcloud:requestsPerSecond). Then run again.";
    default:
      return status >= 500
        ? "The service has an internal problem. Run the same command again in a few minutes: the provider keeps what took effect."
        : "Correct what the message names, then run again.";
  }
}

/** All valid keys may use FetchAccount, so there the key is wrong. For other operations its role or team may be the cause. */
function deniedRemedy({ asked, code, service }: Refusal): string {
  const key =
    "Check that the API key is complete (NRF_CLOUD_API_KEY, or `pulumi config set --secret nrfcloud:apiKey`). It must be the key of the " +
    "team, from User Account, Current Team Details. nRF Cloud refuses the User API key of the newer web app, under My Profile.";
  if (code === undefined) {
    return `${key} The answer has no error code, as nRF Cloud would give: check the endpoint too (${ENDPOINT_SETTINGS[service]}).`;
  }
  if (asked.operation === "FetchAccount") {
    return `${key} A regenerated key replaces the old one after an hour at the latest.`;
  }
  const owner = asked.deviceId === undefined ? "" : " Check that the key's team has the device.";
  return (
    `Check that the role of the API key allows this (NRF_CLOUD_API_KEY or nrfcloud:apiKey): viewers may only read.${owner} ` +
    "Use the key of an editor for devices without tags, and of an admin for all others."
  );
}

function absentRemedy({ asked, code, service }: Refusal): string {
  const isOfThing = code !== undefined && code !== NO_SUCH_ROUTE && asked.operation !== "FetchAccount";
  if (isOfThing && asked.deviceId !== undefined) {
    return "Check the device id and the team of the API key. `pulumi refresh` updates the state from the account.";
  }
  if (isOfThing) return "Check the team of the API key. `pulumi refresh` updates the state from the account.";
  return (
    `Check the endpoint (${ENDPOINT_SETTINGS[service]}): it must be the base URL of the API with its version at the end, such as /v1. ` +
    "Unset it to use the default."
  );
}

function deniedToken(status: 401 | 403): string {
  const setting = "NRF_CLOUD_ORGANIZATION_TOKEN, or `pulumi config set --secret nrfcloud:organizationToken`";
  return status === 401
    ? `Check that the organization auth token is complete and still exists (${setting}). An admin of the organization creates it ` +
        "in the web app, under Admin, Organization Auth Tokens."
    : `The organization auth token (${setting}) needs the permission \`device:write\`. nRF Cloud also refuses a creation beyond the ` +
        "limits of the plan.";
}

const NO_PROJECT =
  "Check the slugs of the organization and of its project (NRF_CLOUD_ORGANIZATION or nrfcloud:organization, NRF_CLOUD_PROJECT or " +
  "nrfcloud:project). The project settings of the web app show them. The token must be of this organization.";
