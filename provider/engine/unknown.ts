/**
 * In a preview, the engine sends one of these markers instead of each unknown value. There are seven, one for each type. Node's dynamic
 * providers only see the one for strings; the others are here for safety. They are part of the engine's protocol. The SDK has them too,
 * but takes half a second to load.
 */
const markers: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** A decoded value that the engine does not know yet. */
export const UNKNOWN: unique symbol = Symbol("unknown");

export type Unknowable<T> = T | typeof UNKNOWN;

export function isUnknown(value: unknown): value is typeof UNKNOWN {
  return value === UNKNOWN;
}

/** Whether an undecoded value is unknown. */
export function isMarker(value: unknown): boolean {
  return markers.has(value);
}

/** Whether an undecoded value is unknown, or contains an unknown value. */
export function containsMarker(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(containsMarker);
  if (typeof value === "object" && value !== null) return Object.values(value).some(containsMarker);
  return isMarker(value);
}
