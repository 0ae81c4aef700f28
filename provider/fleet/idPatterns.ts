import { parseIdPattern } from "./idPattern.js";
import { maxDevices } from "./resolve/declaredDevices.js";
import { quote } from "./rules.js";

/** A pattern is invalid. The message has the fix. */
export class IdPatternError extends Error {
  override readonly name = "IdPatternError";
}

/**
 * Parses patterns that select ids: those of a fleet file (`lab-{000..499}`), or with `*` for any characters (`lab-*`). Each
 * string may hold several, separated by commas or blanks.
 *
 * @returns whether an id matches
 * @throws IdPatternError for an invalid pattern, or without any pattern
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
  // Several stars in a row mean the same as one, but would make the expression extremely slow.
  const parts = pattern.split(/\*+/).map((part) => part.replaceAll(/[.+?^$()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
