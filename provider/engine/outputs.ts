/** The values that a provider may return to the engine. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/** A property bag that may have `undefined` entries. */
export type LooseObject = Readonly<Record<string, unknown>>;

/**
 * Copies a bag, so that the host may change it. Drops `undefined` entries at all levels, and refuses values that the engine can't save
 * (BigInt, Buffer, Date, Map, functions): if the state could not be saved after a create, the created devices would be orphans.
 *
 * @throws TypeError with the path of the value. It is always a bug of the provider
 */
export function cleanObject(value: LooseObject): JsonObject {
  return cleanEntries(value, "");
}

function cleanEntries(value: LooseObject, prefix: string): JsonObject {
  const cleaned: [string, Json][] = [];
  for (const [key, entry] of Object.entries(value)) {
    if (entry !== undefined) cleaned.push([key, cleanValue(entry, `${prefix}${key}`)]);
  }
  // Unlike an assignment, this also creates entries for keys such as `__proto__`.
  return Object.fromEntries(cleaned);
}

function cleanValue(value: unknown, path: string): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) {
    return value.filter((entry) => entry !== undefined).map((entry, i) => cleanValue(entry, `${path}[${i}]`));
  }
  if (isPlainObject(value)) return cleanEntries(value, `${path}.`);
  throw new TypeError(`${path} can't be saved in the Pulumi state, because it is not plain JSON`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
