import { isRecord, isText, isTextArray } from "../http/json.js";
import type { Caller, Role } from "../teams.js";
import { isCommand, type Command } from "./command.js";
import { imeiOf } from "./identityKeys.js";

/** A team's ownership of a device. Records are replaced, not changed. */
export interface Claim {
  /** The device's UUID, and its id once it is onboarded. */
  readonly deviceId: string;
  readonly tenantId: string;
  readonly deviceType: number;
  readonly firmwareId: string;
  /** Provisioning tags, which select the rules for a device. */
  readonly tags: readonly string[];
  /** Role of the member who claimed it. */
  readonly claimedBy: Role;
  /** Epoch milliseconds. */
  readonly claimedAt: number;
  /** Position in the order of claims; a device that is claimed again gets a new one. */
  readonly sequence: number;
  readonly commands: readonly Command[];
  /** Ids of the rules whose commands the device received. */
  readonly appliedRules: readonly string[];
}

/** Whether a value read from the state file is a claim. */
export const isClaim = (value: unknown): value is Claim =>
  isRecord(value) &&
  isText(value.deviceId) &&
  isText(value.tenantId) &&
  typeof value.deviceType === "number" &&
  isText(value.firmwareId) &&
  isTextArray(value.tags) &&
  isText(value.claimedBy) &&
  typeof value.claimedAt === "number" &&
  typeof value.sequence === "number" &&
  Array.isArray(value.commands) &&
  value.commands.every(isCommand) &&
  isTextArray(value.appliedRules);

const isAdministrator = (role: Role) => role === "owner" || role === "admin";

/** Whether a key sees a claim of its team: what owners and admins claimed is hidden from the others. */
export const seesClaim = ({ team, apiKey }: Caller, claim: Claim): boolean =>
  claim.tenantId === team.tenantId && (isAdministrator(apiKey.role) || !isAdministrator(claim.claimedBy));

const deviceTypes = new Map([
  [1, "nrf9160_SIAA"],
  [2, "nrf9160_SIBA"],
  [3, "nrf9160_SICA"],
  [4, "nrf9161_LACA"],
  [5, "nrf9131_LACA"],
  [6, "nrf9151_LACA"],
]);

/** A claimed device as the API shows it. */
export const claimView = (claim: Claim) => ({
  id: claim.deviceId,
  deviceType: deviceTypes.get(claim.deviceType) ?? "unknown",
  firmwareId: claim.firmwareId,
  imei: imeiOf(claim.deviceId),
  ownerId: claim.tenantId,
  ownershipStatus: "IDENTIFIED",
  tags: claim.tags,
  status: "READY",
  claimedAt: new Date(claim.claimedAt).toISOString(),
});
