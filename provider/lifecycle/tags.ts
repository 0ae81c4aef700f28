import { isDeepStrictEqual } from "node:util";

/** Whether two lists hold the same tags. Order means nothing to nRF Cloud; what is no list holds none. */
export function sameTags(one: unknown, other: readonly string[]): boolean {
  return isDeepStrictEqual(new Set<unknown>(Array.isArray(one) ? one : []), new Set<unknown>(other));
}
