import type { Cloud } from "../cloud.js";
import { deleteDevice } from "../devices/thing.js";
import { associatedElsewhere, badRequest, entityNotFound, invalid } from "../errors.js";
import type { ApiKey, Caller, Team } from "../teams.js";
import { readToken } from "./attestationToken.js";
import type { ClaimRequest } from "./bodies.js";
import { seesClaim, type Claim } from "./claim.js";

/** The part of the state that claims change. */
export type ClaimStore = Pick<Cloud, "settings" | "identity">;

/** The team that claims, and the member's role. */
export interface Claimant {
  readonly team: Pick<Team, "tenantId">;
  readonly apiKey: Pick<ApiKey, "role">;
}

/** The claim that a request would make. Throws the error of a refusal. Changes nothing. */
export function prepareClaim(
  { settings, identity }: ClaimStore,
  { team, apiKey }: Claimant,
  { token, tags }: ClaimRequest,
): Claim {
  const reading = readToken(identity.keys, token);
  if (!reading.valid) throw invalid([reading.problem]);
  const { deviceId } = reading.attestation;
  const forced = settings.rejectRows.get(deviceId);
  if (forced !== undefined) throw badRequest(forced);
  const owner = identity.claims.get(deviceId)?.tenantId;
  if (owner === team.tenantId) throw badRequest(`The device ${deviceId} is already claimed by your team.`);
  if (owner !== undefined)
    throw associatedElsewhere(`The device ${deviceId} is already claimed by another team.`);
  return {
    ...reading.attestation,
    tenantId: team.tenantId,
    tags,
    claimedBy: apiKey.role,
    claimedAt: Date.now(),
    sequence: identity.nextSequence(),
    commands: [],
    appliedRules: [],
  };
}

/** Claims a device for a team. Throws the error of a refusal. */
export function claimDevice(store: ClaimStore, claimant: Claimant, request: ClaimRequest): Claim {
  const claim = prepareClaim(store, claimant, request);
  store.identity.claims.set(claim.deviceId, claim);
  return claim;
}

/** A claim of the caller's team at a time (epoch milliseconds; default: in truth), or 40410. */
export function visibleClaim(
  { identity }: ClaimStore,
  caller: Caller,
  deviceId: string,
  at = Infinity,
): Claim {
  const claim = identity.claims.getAt(deviceId, at);
  if (claim === undefined || !seesClaim(caller, claim)) {
    throw entityNotFound(`No claimed device found for id ${JSON.stringify(deviceId)}.`);
  }
  return claim;
}

/** Unclaims a device, so that any team can claim it, and deletes it if it is onboarded. */
export function unclaimDevice(cloud: Cloud, caller: Caller, deviceId: string): void {
  const claim = visibleClaim(cloud, caller, deviceId);
  cloud.identity.claims.delete(claim.deviceId);
  const device = cloud.registry.latest(claim.deviceId);
  if (device?.tenantId === claim.tenantId) deleteDevice(cloud, device, "delayed");
}
