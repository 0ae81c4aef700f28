import type { RowStore } from "../cloud.js";
import { optional, optionalList, readRows, required, splitList } from "../devices/csv.js";
import { onboard } from "../devices/onboard.js";
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
import { readDevicesFile } from "../organization/devicesFile.js";
import type { JobEndpoint } from "./job.js";

/** One row of an upload, ready to be applied. */
export interface BulkRow {
  readonly deviceId: string;
  /** Whether the device id is valid, so that an error can name the device by it. */
  readonly isNameable: boolean;
  /** Returns the reason of a refusal; `undefined` without one. */
  readonly apply: (store: RowStore, tenantId: string) => string | undefined;
}

/** Reads and validates an upload. Throws 42200 with all problems. */
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
export const bulkReaders: Record<JobEndpoint, BulkReader> = {
  ONBOARD_DEVICES: (csv) =>
    readRows(csv, onboardingColumns).map(
      ([deviceId = "", subType, tags = "", firmwareTypes = "", pem = ""]) => ({
        deviceId,
        isNameable: true,
        apply: (store, tenantId) =>
          onboard(store, tenantId, {
            deviceId,
            subType: subType === "" ? undefined : subType,
            tags: splitList(tags),
            firmwareTypes: splitList(firmwareTypes),
            pem,
          })?.message,
      }),
    ),
  REGISTER_CERTIFICATES: (csv) =>
    readRows(csv, certificateColumns).map(([deviceId = "", pem = ""]) => ({
      deviceId,
      isNameable: true,
      apply: (store, tenantId) => registerCertificate(store, tenantId, deviceId, pem)?.message,
    })),
  REGISTER_PUBLIC_KEYS: (csv) =>
    readRows(csv, publicKeyColumns).map(([deviceId = "", pem = ""]) => ({
      deviceId,
      isNameable: true,
      apply: (store, tenantId) => registerPublicKey(store, tenantId, deviceId, pem)?.message,
    })),
  CREATE_DEVICES: readDevicesFile,
};
