import { parseIdPattern } from "./ids.js";
import { maxDevices } from "./declaredDevices.js";
import { quote } from "./rules.js";

/** What is wrong with a pattern, and what would be right. */
export class IdPatternError extends Error {
  override readonly name = "IdPatternError";
}

/**
 * Reads patterns that choose among ids: those of a fleet file (`lab-{000..499}`), or text with `*` for any characters
 * (`lab-*`). Each text may hold several, with commas or blanks between.
 *
 * @returns whether an id is meant
 * @throws IdPatternError for what is no pattern, and where there is none
 */
export function parseIdPatterns(...texts: readonly string[]): (deviceId: string) => boolean {
  const ids = new Set<string>();
  const wildcards: RegExp[] = [];
  for (const pattern of texts.flatMap((text) => text.split(/[\s,]+/)).filter((each) => each !== "")) {
    if (pattern.includes("*") && !/[{}]/.test(pattern)) wildcards.push(wildcard(pattern));
    else for (const id of idsOf(pattern)) ids.add(id);
  }
  if (ids.size + wildcards.length === 0)
    throw new IdPatternError("the list has no id → fix: name devices, such as lab-{000..499} or lab-*");
  return (deviceId) => ids.has(deviceId) || wildcards.some((expression) => expression.test(deviceId));
}

function idsOf(text: string): Iterable<string> {
  const parsed = parseIdPattern(text);
  if (!parsed.ok) throw new IdPatternError(`${parsed.message} → fix: ${parsed.fix}`);
  if (parsed.pattern.count > maxDevices) {
    throw new IdPatternError(
      `the pattern ${quote(text)} stands for more than ${maxDevices.toLocaleString("en")} ids → fix: narrow its ranges`,
    );
  }
  return parsed.pattern.ids();
}

function wildcard(pattern: string): RegExp {
  // Runs of stars mean no more than one, and would take for ever.
  const parts = pattern.split(/\*+/).map((part) => part.replaceAll(/[.+?^$()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
