import { generateKeyPairSync } from "node:crypto";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import type { FastifyRequest } from "fastify";
import type { Cloud } from "../cloud.js";
import { parseCsv } from "../devices/csv.js";
import { ApiError } from "../errors.js";
import { isRecord, isText, textBody } from "../http/json.js";
import type { OperationId } from "../http/operationIds.js";
import { readToken } from "../identity/attestationToken.js";
import { claimDevice } from "../identity/claiming.js";
import { associate } from "../jitp/association.js";
import { isCodeOf, trimmedCode } from "../jitp/ownershipCode.js";
import type { Caller } from "../teams.js";

/** Just before the request is handled, another team claims the device, or one of the devices in the request. */
export interface ClaimFault {
  readonly kind: "claimedByAnother";
}

/** The operations that make a device the caller's. */
export const claimOperations = [
  "OnboardDevices",
  "OnboardDevice",
  "AssociateDevice",
  "ClaimDeviceOwnership",
] as const satisfies readonly OperationId[];

export type ClaimOperation = (typeof claimOperations)[number];

export const isClaimOperation = (id: OperationId): id is ClaimOperation =>
  claimOperations.some((operation) => operation === id);

/** Claims a device for the other team. */
type Takeover = (other: Caller) => void;

/** How another team could take each device of a request; none for devices that have an owner or do not exist. */
export function takeoversOf(cloud: Cloud, operation: ClaimOperation, request: FastifyRequest): Takeover[] {
  const deviceId = deviceIdOf(request.params);
  switch (operation) {
    case "OnboardDevices":
      return rowsOf(request.body).flatMap(([id = ""]) => onboarding(cloud, id));
    case "OnboardDevice":
      return onboarding(cloud, deviceId);
    case "AssociateDevice":
      return association(cloud, deviceId, trimmedCode(request.body));
    case "ClaimDeviceOwnership":
      return tokensOf(request.body).flatMap((token) => claiming(cloud, token));
  }
}

/** Makes one of the claims, if any is possible. */
export function takeOne(takeovers: readonly Takeover[], other: Caller, random: RandomGenerator): void {
  takeovers[uniformInt(random, 0, takeovers.length - 1)]?.(other);
}

/** The team that takes the device: one of the emulator's, or if it has no other, one that nobody has a key of. */
export function anotherTeam(callers: Iterable<Caller>, { team }: Caller): Caller {
  for (const caller of callers) if (caller.team.tenantId !== team.tenantId) return caller;
  const apiKey = { key: "", role: "owner" } as const;
  return { team: { tenantId: strangersId, name: "Strangers", apiKeys: [] }, apiKey };
}

const strangersId = "57a9e125-7e57-4a11-8bad-000000000000";

function onboarding({ registry, credentials }: Cloud, deviceId: string): Takeover[] {
  if (deviceId === "" || registry.latest(deviceId) !== undefined || credentials.of(deviceId) !== undefined) {
    return [];
  }
  const take: Takeover = ({ team: { tenantId } }) => {
    registry.create({ id: deviceId, tenantId, subType: undefined, tags: [], firmwareTypes: [] });
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    credentials.put(deviceId, {
      tenantId,
      certificate: undefined,
      certifiedAt: undefined,
      publicKey: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    });
  };
  return [take];
}

/** Anybody with the code can associate the device, so it is taken only if the caller has the code. */
function association(cloud: Cloud, deviceId: string, code: string): Takeover[] {
  const device = cloud.registry.latest(deviceId);
  if (device === undefined || device.tenantId !== undefined || !isCodeOf(cloud, deviceId, code)) return [];
  return [
    (other) => {
      associate(cloud, other, deviceId, code, undefined);
    },
  ];
}

function claiming(cloud: Cloud, token: string): Takeover[] {
  const reading = readToken(cloud.identity.keys, token);
  if (!reading.valid || cloud.identity.claims.get(reading.attestation.deviceId) !== undefined) return [];
  return [
    (other) => {
      claimDevice(cloud, other, { token, tags: [] });
    },
  ];
}

function tokensOf(body: unknown): string[] {
  try {
    const value: unknown = JSON.parse(textBody(body));
    return isRecord(value) && isText(value.claimToken) ? [value.claimToken] : [];
  } catch {
    return rowsOf(body).map(([token = ""]) => token);
  }
}

function rowsOf(body: unknown): string[][] {
  try {
    return parseCsv(textBody(body));
  } catch (error) {
    if (error instanceof ApiError) return [];
    throw error;
  }
}

const deviceIdOf = (params: unknown): string =>
  isRecord(params) && isText(params.deviceId) ? params.deviceId : "";
