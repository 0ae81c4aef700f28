/** Pieces of YAML text, in the style of the documentation: `{ id: bench-1, tags: [lab] }`. */
import { stringify } from "yaml";

/** What an entry of a fleet file can be. */
export type Value = string | boolean | readonly string[] | { readonly [key: string]: Value };

/** Where a text stands: between brackets or braces more texts need quotes. */
export type Surroundings = "block" | "flow";

/** A value on one line. */
export function inline(value: Value, surroundings: Surroundings = "block"): string {
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return scalar(value, surroundings);
  if (isList(value)) return `[${value.map((item) => scalar(item, "flow")).join(", ")}]`;
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${inline(item, "flow")}`);
  return `{ ${entries.join(", ")} }`;
}

function isList(value: Value): value is readonly string[] {
  return Array.isArray(value);
}

/** A text, in quotes if it needs them where it stands. */
function scalar(text: string, surroundings: Surroundings): string {
  const options = { lineWidth: 0, version: "1.2" } as const;
  return surroundings === "block"
    ? stringify([text], options).slice("- ".length, -1)
    : stringify([text], { ...options, collectionStyle: "flow", flowCollectionPadding: false }).slice(1, -2);
}

/** Lines as a comment. */
export function comment(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "#" : `# ${line}`));
}
