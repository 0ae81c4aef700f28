/** An entry of what may be an object. */
export function entry(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}

/** An entry that is text, where it is. */
export function textEntry(value: unknown, key: string): string | undefined {
  const found = entry(value, key);
  return typeof found === "string" ? found : undefined;
}

/** A JSON object, as opposed to an array or `null`. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The elements of what may be an array. */
export function elements(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
