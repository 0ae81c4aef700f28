import { isDeepStrictEqual } from "node:util";
import type { LooseObject } from "../engine/outputs.js";

/** Inputs in the one form that is kept in state: nothing empty, every tag once. */
export function canonical(inputs: LooseObject): LooseObject {
  return Object.fromEntries(
    Object.entries(inputs)
      .map(([key, value]) => [key, Array.isArray(value) ? [...new Set<unknown>(value)] : value] as const)
      .filter(([, value]) => value !== undefined && value !== "" && !isDeepStrictEqual(value, [])),
  );
}
