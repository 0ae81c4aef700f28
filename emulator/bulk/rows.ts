import type { DeviceStore } from "../cloud.js";
import { optional, optionalList, readRows, required, splitList } from "../devices/csv.js";
import { onboard } from "../devices/onboard.js";
import type { Refusal } from "../devices/refusal.js";
import { registerCertificate, registerPublicKey } from "../devices/register.js";
import {
  bulkFirmwareTypeRule,
  certificateRule,
  credentialRule,
  deviceIdRule,
  publicKeyRule,
  subTypeRule,
  tagRule,
} from "../devices/rules.js";
import type { BulkEndpoint } from "./job.js";

/** One row of an upload, ready to be applied. */
export interface BulkRow {
  readonly deviceId: string;
  readonly apply: (store: DeviceStore, tenantId: string) => Refusal | undefined;
}

/** Reads and validates an upload; throws 42200 with everything that is wrong in it. */
export type BulkReader = (csv: string) => BulkRow[];

const onboardingColumns = [
  required("deviceId", deviceIdRule),
  optional("subType", subTypeRule),
  optionalList("tags", tagRule),
  optionalList("fwTypes", bulkFirmwareTypeRule),
  required("certPem", credentialRule),
];
const certificateColumns = [required("deviceId", deviceIdRule), required("certPem", certificateRule)];
const publicKeyColumns = [required("deviceId", deviceIdRule), required("keyPem", publicKeyRule)];

/** How each kind of upload is read. */
export const bulkReaders: Record<BulkEndpoint, BulkReader> = {
  ONBOARD_DEVICES: (csv) =>
    readRows(csv, onboardingColumns).map(
      ([deviceId = "", subType, tags = "", firmwareTypes = "", pem = ""]) => ({
        deviceId,
        apply: (store, tenantId) =>
          onboard(store, tenantId, {
            deviceId,
            subType: subType === "" ? undefined : subType,
            tags: splitList(tags),
            firmwareTypes: splitList(firmwareTypes),
            pem,
          }),
      }),
    ),
  REGISTER_CERTIFICATES: (csv) =>
    readRows(csv, certificateColumns).map(([deviceId = "", pem = ""]) => ({
      deviceId,
      apply: (store, tenantId) => registerCertificate(store, tenantId, deviceId, pem),
    })),
  REGISTER_PUBLIC_KEYS: (csv) =>
    readRows(csv, publicKeyColumns).map(([deviceId = "", pem = ""]) => ({
      deviceId,
      apply: (store, tenantId) => registerPublicKey(store, tenantId, deviceId, pem),
    })),
};
