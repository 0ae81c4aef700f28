import type { ClaimedDevice, CloudDevice } from "../../provider/cloud/answers.js";
import type { DeviceConfig } from "../../provider/fleet/config.js";
import { checkImei, imeiOf } from "../../provider/fleet/imei.js";
import { deviceUuidPattern } from "../../provider/fleet/rules.js";
import { ownConnection } from "../cloud.js";
import type { Claims } from "./account.js";
import { exportedConfigs } from "./exportedConfig.js";
import { exportedDevice, type ExportedDevice, type Omission } from "./exportedDevice.js";

/** A claim, with the configuration in the shadow of its device, if it was read. */
export interface ExportedClaim extends ClaimedDevice {
  readonly config?: DeviceConfig;
}

/** The devices of an account, by the section of a fleet file that can declare them. */
export interface Inventory {
  /** A group can adopt these. */
  readonly devices: readonly ExportedDevice[];
  /** Provisioned just in time, by their sub-types: only a `jitp` section with their ownership codes can declare them. */
  readonly justInTime: readonly ExportedDevice[];
  /** Claimed by attestation token: only a `claims` section with their tokens can declare them. */
  readonly claimed: readonly ExportedClaim[];
  /** Those of `claimed` whose devices did not connect yet, so that the account has no device with their UUIDs. */
  readonly neverOnline: readonly string[];
  readonly leftOut: readonly { readonly deviceId: string; readonly reason: string }[];
  readonly omissions: readonly Omission[];
  /** Those of `devices` with ids like those of Nordic's products, which are mostly provisioned just in time. */
  readonly perhapsJustInTime: readonly string[];
  /** Those of `devices` with UUIDs, if the account does not show which were claimed by token. */
  readonly perhapsClaimed: readonly string[];
  /** Why the account does not show its claims. */
  readonly claimsUnknown: string | undefined;
}

export function classifyDevices(
  devices: readonly CloudDevice[],
  claims: Claims,
  tenantId: string,
): Inventory {
  const sorted = {
    devices: [] as ExportedDevice[],
    justInTime: [] as ExportedDevice[],
    claimed: [] as ExportedClaim[],
    neverOnline: [] as string[],
    leftOut: [] as { deviceId: string; reason: string }[],
    omissions: [] as Omission[],
    perhapsJustInTime: [] as string[],
    perhapsClaimed: [] as string[],
    claimsUnknown: claims.known ? undefined : claims.reason,
  };
  const configOf = exportedConfigs(devices);
  for (const device of devices) {
    const deviceId = device.id;
    const claim = claims.known ? claims.byUuid.get(deviceId) : undefined;
    const exported = exportedDevice(device);
    const reason = whyNotADevice(device, tenantId) ?? (exported.ok ? undefined : exported.reason);
    const { config, problems } = configOf(device);
    const desired = config && { config };
    const undeclarable = problems.map((problem) => ({ deviceId, what: "setting", reason: problem }) as const);
    if (claim !== undefined) {
      sorted.claimed.push({ ...claim, ...desired });
      sorted.omissions.push(...undeclarable);
      continue;
    }
    if (reason !== undefined || !exported.ok) {
      sorted.leftOut.push({ deviceId, reason: reason ?? "" });
      continue;
    }
    sorted.omissions.push(...exported.omissions, ...undeclarable);
    if (isJustInTime(device)) {
      const { subType: _, ...kept } = exported.device;
      sorted.justInTime.push({ ...kept, ...desired });
      continue;
    }
    sorted.devices.push({ ...exported.device, ...desired });
    const imei = imeiOf(deviceId);
    if (imei !== undefined && checkImei(imei) === undefined) sorted.perhapsJustInTime.push(deviceId);
    if (!claims.known && deviceUuidPattern.test(deviceId)) sorted.perhapsClaimed.push(deviceId);
  }
  const listed = new Set(devices.map(({ id }) => id));
  for (const claim of claims.known ? claims.byUuid.values() : []) {
    if (listed.has(claim.id)) continue;
    sorted.claimed.push(claim);
    sorted.neverOnline.push(claim.id);
  }
  return sorted;
}

/** nRF Cloud gives these sub-types to devices that are claimed by ownership code without a sub-type. */
function isJustInTime({ subType }: CloudDevice): boolean {
  return subType === "jitp-generic" || subType === "jitp-nordic-hardware";
}

/** Why an entry of the device list is not a device that a fleet can declare. */
function whyNotADevice({ id, type }: CloudDevice, tenantId: string): string | undefined {
  if (type === "BLE") return "a gateway connects it by Bluetooth, so it has no certificate";
  return id === ownConnection(tenantId) ? "it is the team's MQTT connection, not a device" : undefined;
}
