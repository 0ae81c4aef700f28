import type { ClaimedDevice, CloudDevice } from "../../provider/cloud/answers.js";
import type { DeviceConfig } from "../../provider/fleet/config.js";
import { checkImei, imeiOf } from "../../provider/fleet/imei.js";
import { deviceUuidPattern } from "../../provider/fleet/rules.js";
import { ownConnection } from "../cloud.js";
import type { Claims } from "./account.js";
import { exportedConfigs } from "./exportedConfig.js";
import { exportedDevice, type ExportedDevice, type Omission } from "./exportedDevice.js";

/** A claim, and what is desired of its device, where that was read. */
export interface ExportedClaim extends ClaimedDevice {
  readonly config?: DeviceConfig;
}

/** The devices of an account, by what a fleet file can make of them. */
export interface Inventory {
  /** To be adopted as devices. */
  readonly devices: readonly ExportedDevice[];
  /** Came just in time, as their sub-types say: only a `jitp` section with their ownership codes can declare them. */
  readonly justInTime: readonly ExportedDevice[];
  /** Claimed by attestation token: only a `claims` section with their tokens can declare them. */
  readonly claimed: readonly ExportedClaim[];
  /** Of `claimed`, the UUIDs that no device of the account has: those of devices that were not onboarded yet. */
  readonly neverOnline: readonly string[];
  readonly leftOut: readonly { readonly deviceId: string; readonly because: string }[];
  readonly omissions: readonly Omission[];
  /** Of `devices`: called as Nordic's own products are, which mostly came just in time. */
  readonly perhapsJustInTime: readonly string[];
  /** Of `devices`: called by a UUID, where it can't be told who was claimed by token. */
  readonly perhapsClaimed: readonly string[];
  /** Why it can't be told. */
  readonly claimsUnknown: string | undefined;
}

/** Sorts the devices of a team by what a fleet file can make of them. */
export function sortOut(devices: readonly CloudDevice[], claims: Claims, tenantId: string): Inventory {
  const sorted = {
    devices: [] as ExportedDevice[],
    justInTime: [] as ExportedDevice[],
    claimed: [] as ExportedClaim[],
    neverOnline: [] as string[],
    leftOut: [] as { deviceId: string; because: string }[],
    omissions: [] as Omission[],
    perhapsJustInTime: [] as string[],
    perhapsClaimed: [] as string[],
    claimsUnknown: claims.known ? undefined : claims.because,
  };
  const configOf = exportedConfigs(devices);
  for (const device of devices) {
    const deviceId = device.id;
    const claim = claims.known ? claims.byUuid.get(deviceId) : undefined;
    const exported = exportedDevice(device);
    const because = noDevice(device, tenantId) ?? (exported.ok ? undefined : exported.because);
    const { config, problems } = configOf(device);
    const desired = config && { config };
    const unsaid = problems.map((problem) => ({ deviceId, what: "setting", because: problem }) as const);
    if (claim !== undefined) {
      sorted.claimed.push({ ...claim, ...desired });
      sorted.omissions.push(...unsaid);
      continue;
    }
    if (because !== undefined || !exported.ok) {
      sorted.leftOut.push({ deviceId, because: because ?? "" });
      continue;
    }
    sorted.omissions.push(...exported.omissions, ...unsaid);
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

/** Sub-types that the service gives to devices that were claimed by their ownership codes, unless they are given another. */
function isJustInTime({ subType }: CloudDevice): boolean {
  return subType === "jitp-generic" || subType === "jitp-nordic-hardware";
}

/** Why an entry of the list is no device that a fleet could have. */
function noDevice({ id, type }: CloudDevice, tenantId: string): string | undefined {
  if (type === "BLE")
    return "it is a Bluetooth device that its gateway brought in, and has no own certificate";
  return id === ownConnection(tenantId) ? "it is the team's own connection to MQTT, no device" : undefined;
}
