import { isRecord, isText } from "./http/json.js";
import { invalid } from "./errors.js";

/** Settings that can change while the emulator runs. Times are in milliseconds. */
export interface Settings {
  /** Time until reads (fetch, list) see a write. */
  consistencyDelayMs: number;
  /** Duration of a bulk job: half of it PENDING, then IN_PROGRESS until its rows are done and the other half is over. */
  bulkDelayMs: number;
  /** Time from a certificate's registration until `cloudMqttEnabled` is true. */
  mqttEnableDelayMs: number;
  /** Time from the first connection with a just-in-time certificate until its device is registered. */
  jitpDelayMs: number;
  /** Devices each team's plan allows; more are refused with 40005. */
  deviceLimit: number;
  /** Refuse a certificate whose common name is not the device id. The service itself notices only at MQTT connect. */
  strictCn: boolean;
  /** Refuse a certificate that is not signed by ECDSA with SHA-256, whatever its own key is. */
  strictSignature: boolean;
  /** Device ids whose next onboardings, registrations and claims are refused, with the reason to give. */
  rejectRows: ReadonlyMap<string, string>;
  /** Nordic's own products, `nrf-<IMEI>`, with each code (PIN or hardware id) that is printed on them. */
  nordicProducts: readonly NordicProduct[];
  /** Where the organization API says that the status of a creation is. */
  statusUrl: StatusUrl;
}

/** How the answer to a creation by an organization names the address of its status. */
export const statusUrls = ["relative", "absolute", "body only", "foreign host", "none"] as const;
export type StatusUrl = (typeof statusUrls)[number];

export interface NordicProduct {
  readonly deviceId: string;
  readonly ownershipCode: string;
}

/** The default for tests: immediate effects and no limits. */
export const defaultSettings: Readonly<Settings> = {
  consistencyDelayMs: 0,
  bulkDelayMs: 0,
  mqttEnableDelayMs: 0,
  jitpDelayMs: 0,
  deviceLimit: 1_000_000,
  strictCn: true,
  strictSignature: true,
  rejectRows: new Map(),
  nordicProducts: [],
  statusUrl: "relative",
};

const numbers = [
  "consistencyDelayMs",
  "bulkDelayMs",
  "mqttEnableDelayMs",
  "jitpDelayMs",
  "deviceLimit",
] as const;
const switches = ["strictCn", "strictSignature"] as const;

/** Merges a JSON object of changes into the settings; refuses unknown names and wrong types without changing anything. */
export function changeSettings(settings: Settings, changes: Record<string, unknown>): void {
  const accepted: Partial<Settings> = {};
  const problems: string[] = [];
  for (const [name, value] of Object.entries(changes)) {
    const number = numbers.find((candidate) => candidate === name);
    const toggle = switches.find((candidate) => candidate === name);
    if (number !== undefined) {
      if (typeof value === "number" && value >= 0) accepted[number] = value;
      else problems.push(`${name} must be a number, 0 or more`);
    } else if (toggle !== undefined) {
      if (typeof value === "boolean") accepted[toggle] = value;
      else problems.push(`${name} must be true or false`);
    } else if (name === "rejectRows") {
      const reasons = isRecord(value) ? new Map(Object.entries(value)) : undefined;
      if (reasons !== undefined && hasTextValues(reasons)) accepted.rejectRows = reasons;
      else problems.push("rejectRows must be an object of device id to reason");
    } else if (name === "nordicProducts") {
      if (Array.isArray(value) && value.every(isNordicProduct)) accepted.nordicProducts = value;
      else problems.push('nordicProducts must be an array of {"deviceId","ownershipCode"}');
    } else if (name === "statusUrl") {
      const form = statusUrls.find((candidate) => candidate === value);
      if (form !== undefined) accepted.statusUrl = form;
      else problems.push(`statusUrl must be one of ${statusUrls.join(", ")}`);
    } else {
      problems.push(`${name} is not a setting`);
    }
  }
  if (problems.length > 0) throw invalid(problems);
  Object.assign(settings, accepted);
}

const hasTextValues = (map: Map<string, unknown>): map is Map<string, string> =>
  [...map.values()].every(isText);

const isNordicProduct = (value: unknown): value is NordicProduct =>
  isRecord(value) && isText(value.deviceId) && isText(value.ownershipCode);

/** The settings as JSON. */
export const settingsView = (settings: Settings) => ({
  ...settings,
  rejectRows: Object.fromEntries(settings.rejectRows),
});
