/** The value of a key, if the value is an object. */
export function entry(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}

/** The value of a key, if it is a string. */
export function textEntry(value: unknown, key: string): string | undefined {
  const found = entry(value, key);
  return typeof found === "string" ? found : undefined;
}

/** Whether a value is a JSON object, and not an array or `null`. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The elements of an array; of anything else none. */
export function elements(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
