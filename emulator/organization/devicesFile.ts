import type { RowStore } from "../cloud.js";
import { maximalRows, parseCsv } from "../devices/csv.js";
import { onboard } from "../devices/onboard.js";
import { limitExceeded } from "../devices/refusal.js";
import { certificateRule, deviceIdRule } from "../devices/rules.js";
import { ApiError, invalid } from "../errors.js";
import { claimDevice, prepareClaim } from "../identity/claiming.js";
import type { BulkRow } from "../bulk/rows.js";

/** Creates a device with the credential of its row. Returns the reason of a refusal; `undefined` without one. */
type Create = (store: RowStore, tenantId: string, deviceId: string, credential: string) => string | undefined;

/** How a device is created with each kind of credential, by the name of its column. */
const creators: Readonly<Record<string, Create>> = {
  certificate: createWithCertificate,
  attestationToken: createWithAttestationToken,
};

/**
 * Reads a file of devices: a header of `deviceId` and one credential column, then 1 to 1000 rows. Throws 42200 for another file. A
 * problem of a row is the row's error.
 */
export function readDevicesFile(csv: string): BulkRow[] {
  const [header = [], ...rows] = parseCsv(csv);
  const [idColumn, credentialColumn = ""] = header;
  const create = Object.hasOwn(creators, credentialColumn) ? creators[credentialColumn] : undefined;
  if (header.length !== 2 || idColumn !== "deviceId" || create === undefined) {
    throw invalid([
      `the header must be deviceId and one of ${Object.keys(creators).join(", ")}, not ${header.join(",")}`,
    ]);
  }
  if (rows.length === 0) throw invalid(["the file has no devices"]);
  if (rows.length > maximalRows) {
    throw invalid([`the file has ${rows.length} devices, more than the ${maximalRows} allowed`]);
  }
  const uneven = rows.flatMap((row, index) => (row.length === 2 ? [] : [`row ${index} has not 2 columns`]));
  if (uneven.length > 0) throw invalid(uneven);
  return rows.map(([deviceId = "", credential = ""]) => ({
    deviceId,
    isNameable: deviceIdRule(deviceId) === undefined,
    apply: (store, tenantId) => {
      const problem =
        deviceIdRule(deviceId) ??
        store.settings.rejectRows.get(deviceId) ??
        (store.registry.latest(deviceId) === undefined ? undefined : `Device ${deviceId} already exists.`) ??
        create(store, tenantId, deviceId, credential);
      return problem;
    },
  }));
}

function createWithCertificate(store: RowStore, tenantId: string, deviceId: string, pem: string) {
  const problem = certificateRule(pem);
  if (problem !== undefined) return `The certificate ${problem}.`;
  const device = { deviceId, subType: undefined, tags: [], firmwareTypes: [], pem };
  return onboard(store, tenantId, device)?.message;
}

/** Claims the device and adds it. Its credentials are delivered when it is online. */
function createWithAttestationToken(store: RowStore, tenantId: string, deviceId: string, token: string) {
  const { registry, credentials, settings } = store;
  const claimant = { team: { tenantId }, apiKey: { role: "admin" } } as const;
  const request = { token, tags: [] };
  try {
    if (prepareClaim(store, claimant, request).deviceId !== deviceId) {
      return `The attestation token is not that of the device ${deviceId}.`;
    }
    if (credentials.of(deviceId) !== undefined) return `Device ${deviceId} already has a credential.`;
    if (registry.count(tenantId) >= settings.deviceLimit) return limitExceeded(settings.deviceLimit).message;
    claimDevice(store, claimant, request);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.message;
  }
  registry.create({ id: deviceId, tenantId, subType: undefined, tags: [], firmwareTypes: [] });
  return undefined;
}
