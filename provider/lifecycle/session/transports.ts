import { RequestLimiter } from "../../cloud/limiter.js";
import type { OnboardingApi } from "../../cloud/onboarding/api.js";
import { organizationOnboarding } from "../../cloud/onboarding/organization.js";
import { teamOnboarding } from "../../cloud/onboarding/team.js";
import { Transport } from "../../cloud/transport.js";
import type { Clock } from "../../engine/clock.js";
import { readCaFile } from "./caFile.js";
import type { OrganizationSettings } from "./organization.js";
import type { Settings } from "./settings.js";

/** Connections to the services, with one request limit. */
export interface Transports {
  /** Connection to the device API. */
  readonly transport: Transport;
  /** To the Identity and Provisioning service; `undefined` where only the device API was pointed elsewhere. */
  readonly identity: Transport | undefined;
  /** The API that onboards devices. */
  readonly onboarding: OnboardingApi;
}

/**
 * Builds the connections, without a request.
 * @param settings with the organization that onboards devices, and the number of retries, where they differ from the defaults
 * @param projectFolder the folder to which the name of the CA file is relative
 * @param retried called at each retry of a request
 * @throws ExpectedError where the CA file can't be used
 */
export function transportsOf(
  settings: Settings & {
    readonly organization?: OrganizationSettings | undefined;
    readonly retries?: number;
  },
  projectFolder: string,
  clock: Clock,
  retried: () => void,
): Transports {
  const { apiKey, endpoint, identityEndpoint, caFile, requestsPerSecond, deadlines, organization, retries } =
    settings;
  const shared = {
    ca: caFile === undefined ? undefined : readCaFile(caFile, projectFolder),
    limiter: new RequestLimiter(requestsPerSecond),
    timeoutMs: deadlines.requestMs,
    retries,
    clock,
    retried,
  };
  const transport = new Transport({ ...shared, apiKey, endpoint });
  return {
    transport,
    identity:
      identityEndpoint === undefined
        ? undefined
        : new Transport({ ...shared, apiKey, endpoint: identityEndpoint, service: "identity" }),
    onboarding:
      organization === undefined
        ? teamOnboarding(transport)
        : organizationOnboarding({
            ...organization,
            transport: new Transport({
              ...shared,
              apiKey: organization.token,
              endpoint,
              service: "organization",
            }),
            team: transport,
          }),
  };
}
