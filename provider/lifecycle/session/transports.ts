import { RequestLimiter } from "../../cloud/limiter.js";
import { IDENTITY_ENDPOINT } from "../../cloud/remedies.js";
import { Transport } from "../../cloud/transport.js";
import type { Clock } from "../../engine/clock.js";
import { readCaFile } from "./caFile.js";
import type { Settings } from "./settings.js";

/** Connections to the two services, which share one limit of requests. */
export interface Transports {
  /** To the device API. */
  readonly transport: Transport;
  /** To the Identity and Provisioning service; `undefined` where only the device API was pointed elsewhere. */
  readonly identity: Transport | undefined;
}

/**
 * Connects as the settings say. Nothing is sent yet.
 * @param projectFolder from which the file of the own CA is named
 * @param clock by which to wait
 * @param retried told of each repetition of a request
 * @throws ExpectedError where the file of the own CA can't be used
 */
export function transportsOf(
  settings: Settings,
  projectFolder: string,
  clock: Clock,
  retried: () => void,
): Transports {
  const { apiKey, endpoint, identityEndpoint, caFile, requestsPerSecond, deadlines } = settings;
  const shared = {
    apiKey,
    ca: caFile === undefined ? undefined : readCaFile(caFile, projectFolder),
    limiter: new RequestLimiter(requestsPerSecond),
    timeoutMs: deadlines.requestMs,
    clock,
    retried,
  };
  return {
    transport: new Transport({ ...shared, endpoint }),
    identity:
      identityEndpoint === undefined
        ? undefined
        : new Transport({ ...shared, endpoint: identityEndpoint, endpointSetting: IDENTITY_ENDPOINT }),
  };
}
