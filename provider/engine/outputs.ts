/** What a provider may hand to the engine: JSON, nothing else. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/** A property bag in which optional entries may be spelled as `undefined`. */
export type LooseObject = Readonly<Record<string, unknown>>;

/**
 * Makes a bag of its own, to which the host may add. Drops `undefined` entries at every depth and refuses what the engine would
 * lose or choke on (BigInt, Buffer, Date, Map, functions): a struct that can't be packed *after* a remote create would orphan what
 * was created.
 *
 * @throws TypeError naming the path of the value; a programming mistake, never a user's.
 */
export function cleanObject(value: LooseObject): JsonObject {
  return cleanEntries(value, "");
}

function cleanEntries(value: LooseObject, prefix: string): JsonObject {
  const cleaned: [string, Json][] = [];
  for (const [key, entry] of Object.entries(value)) {
    if (entry !== undefined) cleaned.push([key, cleanValue(entry, `${prefix}${key}`)]);
  }
  // Unlike an assignment, this makes an entry of a key such as `__proto__` too.
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
