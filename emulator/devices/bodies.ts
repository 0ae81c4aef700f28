import { invalid } from "../errors.js";
import { isRecord } from "../http/json.js";
import type { Onboarding } from "./onboard.js";
import {
  credentialRule,
  deviceIdRule,
  firmwareTypeRule,
  nameRule,
  subTypeRule,
  tagRule,
  type Rule,
} from "./rules.js";
import type { StateChange } from "./shadow.js";

/** The body of OnboardDevice. Throws 42200 with all problems. */
export function parseOnboarding(deviceId: string, body: Record<string, unknown>): Onboarding {
  const { certificate, subType = "", tags = [], supportedFirmwareTypes = [] } = body;
  const problems: string[] = [];
  const known = ["certificate", "subType", "tags", "supportedFirmwareTypes"];
  for (const name of Object.keys(body)) {
    if (!known.includes(name)) problems.push(`${name} is not served by this emulator`);
  }
  const text = (name: string, value: unknown, rule: Rule): string => {
    if (typeof value !== "string") {
      problems.push(`${name} must be a string`);
      return "";
    }
    const problem = rule(value);
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
    return value;
  };
  const texts = (name: string, value: unknown, rule: Rule): string[] => {
    if (Array.isArray(value)) return value.map((item: unknown) => text(name, item, rule));
    problems.push(`${name} must be an array of strings`);
    return [];
  };
  const onboarding = {
    deviceId: text("deviceId", deviceId, deviceIdRule),
    subType: text("subType", subType, subTypeRule) || undefined,
    tags: texts("tags", tags, tagRule),
    firmwareTypes: texts("supportedFirmwareTypes", supportedFirmwareTypes, firmwareTypeRule),
    pem: text("certificate", certificate, credentialRule),
  };
  if (problems.length > 0) throw invalid(problems);
  return onboarding;
}

/** The body of UpdateDeviceName: a string, or (as Nordic's own script sends it) an array of one. */
export function parseName(body: unknown): string {
  const name: unknown = Array.isArray(body) && body.length === 1 ? body[0] : body;
  if (typeof name !== "string") throw invalid(["the body must be a JSON string or an array with one string"]);
  const problem = nameRule(name);
  if (problem !== undefined) throw invalid([problem]);
  return name;
}

/** The body of UpdateDeviceTags: all tags of the device. */
export function parseTags(body: unknown): string[] {
  if (!Array.isArray(body) || !body.every((tag) => typeof tag === "string")) {
    throw invalid(["the body must be a JSON array of strings"]);
  }
  const problems = body.map(tagRule).filter((problem) => problem !== undefined);
  if (problems.length > 0) throw invalid(problems.map((problem) => `tag ${problem}`));
  return body;
}

/** The body of UpdateDeviceState. */
export function parseState(body: Record<string, unknown>): StateChange {
  const { desired, reported, ...others } = body;
  const problems = Object.keys(others).map(
    (name) => `${name} is not a part of the state that can be changed`,
  );
  if (desired !== undefined && !isRecord(desired)) problems.push("desired must be an object");
  if (reported !== undefined && !isRecord(reported)) problems.push("reported must be an object");
  if (desired === undefined && reported === undefined) problems.push("desired or reported must be given");
  if (problems.length > 0) throw invalid(problems);
  return { ...(isRecord(desired) ? { desired } : {}), ...(isRecord(reported) ? { reported } : {}) };
}
