/** Values as YAML text, in the style of the documentation: `{ id: bench-1, tags: [lab] }`. */
import { stringify } from "yaml";
import type { Json } from "../../provider/fleet/config.js";

/** A value of an entry of a fleet file. */
export type Value = Json;

/** Inside brackets or braces (`flow`), more texts need quotes. */
export type Surroundings = "block" | "flow";

/** A value on one line. */
export function inline(value: Value, surroundings: Surroundings = "block"): string {
  if (typeof value === "string") return scalar(value, surroundings);
  if (isList(value)) return `[${value.map((item) => inline(item, "flow")).join(", ")}]`;
  if (!isMap(value)) return String(value);
  const entries = Object.entries(value).map(
    ([key, item]) => `${scalar(key, "flow")}: ${inline(item, "flow")}`,
  );
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

/** A setting of a group: on one line if it is short, else a line for each key of a map. */
export function settingLines(key: string, value: Value, step: string): string[] {
  const line = `${key}: ${inline(value)}`;
  if (line.length <= LONGEST_LINE || !isMap(value)) return [line];
  const inner = Object.entries(value).flatMap(([name, item]) =>
    settingLines(scalar(name, "block"), item, step),
  );
  return [`${key}:`, ...inner.map((each) => `${step}${each}`)];
}

const LONGEST_LINE = 100;

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function isMap(value: Value): value is Readonly<Record<string, Value>> {
  return typeof value === "object" && value !== null && !isList(value);
}

/** A text, in quotes if it needs them in these surroundings. */
function scalar(text: string, surroundings: Surroundings): string {
  // YAML would write this text on several lines.
  if (text.includes("\n")) return JSON.stringify(text);
  const options = { lineWidth: 0, version: "1.2" } as const;
  return surroundings === "block"
    ? stringify([text], options).slice("- ".length, -1)
    : stringify([text], { ...options, collectionStyle: "flow", flowCollectionPadding: false }).slice(1, -2);
}

export function comment(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "#" : `# ${line}`));
}
