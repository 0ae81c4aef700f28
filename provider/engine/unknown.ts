/**
 * While previewing, the engine sends such a text in place of every value it does not know yet. There are seven, one a
 * type; dynamic providers of Node only ever see the one for texts, and the others are listed for safety. They are part
 * of the engine's protocol: Node's SDK has the same text, and takes half a second to load.
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

/** A value that the engine will only know after something else was created, once it is decoded. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** A value that may not be known yet, in a preview. */
export type Unknowable<T> = T | typeof UNKNOWN;

/** Whether a decoded value is one that the engine does not know yet. */
export function isUnknown(value: unknown): value is typeof UNKNOWN {
  return value === UNKNOWN;
}

/** Whether a value of a property bag is one that the engine does not know yet. */
export function isMarker(value: unknown): boolean {
  return markers.has(value);
}

/** Whether a value of a property bag is not known yet, or holds something that is not. */
export function containsMarker(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(containsMarker);
  if (typeof value === "object" && value !== null) return Object.values(value).some(containsMarker);
  return isMarker(value);
}
