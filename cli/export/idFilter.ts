import { parseIdPattern } from "../../provider/fleet/ids.js";
import { maxDevices } from "../../provider/fleet/roster.js";
import { CommandError } from "../commandError.js";

/** Tells whether an id is wanted. */
export type IdFilter = (deviceId: string) => boolean;

/**
 * Reads `--id`: a pattern of the fleet file (`lab-{000..499}`), or text with `*` for any characters (`lab-*`).
 * @throws CommandError for what is neither
 */
export function parseIdFilter(pattern: string): IdFilter {
  if (pattern.includes("*") && !/[{}]/.test(pattern)) return wildcard(pattern);
  const parsed = parseIdPattern(pattern);
  if (!parsed.ok) throw new CommandError(`--id: ${parsed.message} → fix: ${parsed.fix}`, 2);
  if (parsed.pattern.count > maxDevices) {
    throw new CommandError(
      `--id: the pattern stands for more than ${maxDevices.toLocaleString("en")} ids → fix: narrow its ranges`,
      2,
    );
  }
  const ids = new Set(parsed.pattern.ids());
  return (deviceId) => ids.has(deviceId);
}

function wildcard(pattern: string): IdFilter {
  // Runs of stars mean no more than one, and would take for ever.
  const parts = pattern.split(/\*+/).map((part) => part.replaceAll(/[.+?^$()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`);
  return (deviceId) => expression.test(deviceId);
}
